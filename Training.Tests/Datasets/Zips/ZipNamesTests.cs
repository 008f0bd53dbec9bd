using System.Text;
using Dashboard.Datasets.Zips;
using Training.Core.Data;
using Training.Core.Data.Encodings;
using Training.Tests.Datasets.Imports;
using Training.Tests.TestKit;

namespace Training.Tests.Datasets.Zips;

/// <summary>Names as macOS, Windows of several countries and other programs write them.</summary>
public sealed class ZipNamesTests : IDisposable
{
    private static readonly ZipLimits Generous = new() { MaxBytes = 1L << 40, MaxEntries = 1_000_000, FreeBytes = 1L << 40 };
    private static readonly Encoding Korean = Code(949), Japanese = Code(932), Chinese = Code(936);
    private static readonly string[] Animals = ["고양이", "강아지"];

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Open_NamesAsKoreanWindowsWritesThem_AreReadAndItIsSaid()
    {
        using var zip = Open(Zip(Korean, "고양이/사진.jpg", "강아지/사진.jpg"));

        Assert.Equal(["고양이/사진.jpg", "강아지/사진.jpg"], Paths(zip));
        Assert.Contains("read as Korean (CP949), such as “고양이", Assert.Single(zip.Findings).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_Utf8WithoutItsMark_AsMacsWriteIt_IsReadAndNotSpokenOf()
    {
        using var zip = Open(Zip(Encoding.UTF8,
            [.. Animals.Select(name => $"{name.Normalize(NormalizationForm.FormD)}/1.jpg")]) with { System = RawZip.Unix });

        Assert.Equal(["고양이/1.jpg", "강아지/1.jpg"], Paths(zip));
        Assert.Empty(zip.Findings);
    }

    [Fact]
    public void Open_MarkedAndUnmarkedNamesBesideEachOther_AreReadEachByItsOwn()
    {
        var zip = new RawZip(
            RawZip.Entry("고양이/1.jpg", Encoding.UTF8) with { Flags = RawEntry.Utf8 }, RawZip.Entry("강아지/1.jpg", Korean),
            RawZip.Entry("호랑이/1.jpg", Encoding.UTF8));

        using var contents = Open(zip);
        using var again = Open(zip, contents.Encoding!.Name);

        Assert.Equal(["고양이/1.jpg", "강아지/1.jpg", "호랑이/1.jpg"], Paths(contents));
        Assert.Equal(Paths(contents), Paths(again));
    }

    [Fact]
    public void Open_TheUnicodePathField_CountsUnlessTheEntryWasRenamedSince()
    {
        byte[] plain = Korean.GetBytes("강아지/1.jpg"), renamed = "cat/1.jpg"u8.ToArray();
        var zip = new RawZip(
            new RawEntry("??/1.jpg"u8.ToArray(), TestZip.Png) { Extra = RawEntry.UnicodePath("고양이/1.jpg", "??/1.jpg"u8.ToArray()) },
            new RawEntry(renamed, TestZip.Png) { Extra = RawEntry.UnicodePath("강아지/1.jpg", plain) });

        using var contents = Open(zip);

        Assert.Equal(["고양이/1.jpg", "cat/1.jpg"], Paths(contents));
        Assert.Empty(contents.Findings);
    }

    [Fact]
    public void Open_NamesThatReadWellInSeveralWays_AsksWithPreviewsAndTakesTheChosenOne()
    {
        var zip = Zip(Chinese, "猫/1.jpg", "狗/1.jpg");

        var unclear = Assert.Throws<UnclearNamesException>(() => Open(zip));
        using var chosen = Open(zip, unclear.Previews.Single(preview => preview.Names.SequenceEqual(["猫/1.jpg", "狗/1.jpg"])).Encoding);

        Assert.Equal("encoding", unclear.Field);
        Assert.Contains("Korean (CP949) “챔/1.jpg”", unclear.Message, StringComparison.Ordinal);
        Assert.Equal(["猫/1.jpg", "狗/1.jpg"], Paths(chosen));
        Assert.Empty(chosen.Findings);
    }

    [Fact]
    public void Open_AChosenEncodingThatTheNamesCantBe_SaysWhichTheyCanBe()
    {
        var wrong = Assert.Throws<UnclearNamesException>(() => Open(Zip(Korean, "고양이/1.jpg", "강아지/1.jpg"), "utf-8"));

        Assert.Contains("can't be Unicode (UTF-8)", wrong.Message, StringComparison.Ordinal);
        Assert.Equal("cp949", wrong.Previews[0].Encoding);
    }

    [Fact]
    public void Open_ABackslashThatIsHalfAShiftJisLetter_IsNoSeparator()
    {
        using var zip = Open(Zip(Japanese, "表/ソ.jpg", "犬/花.jpg"), "shift_jis");

        Assert.Equal(["表/ソ.jpg", "犬/花.jpg"], Paths(zip));
    }

    [Theory]
    [InlineData("./cat/1.jpg,./dog/1.jpg")]
    [InlineData("cat//1.jpg,dog//1.jpg")]
    [InlineData("/cat/1.jpg,/dog/1.jpg")]
    [InlineData("cat/./1.jpg,dog/.//1.jpg")]
    [InlineData("photos\\cat\\1.jpg,photos\\dog\\1.jpg")]
    public void Open_PathsWithNothingInBetween_AreReadAsTheyAreMeant(string names)
    {
        using var zip = Open(Zip(Encoding.UTF8, names.Split(',')));

        Assert.Equal(["cat/1.jpg", "dog/1.jpg"], Paths(zip));
    }

    [Fact]
    public void Open_TwoSpellingsOfOneName_AreBothKeptAndSaid()
    {
        var name = "cat/고양이.jpg";
        var zip = new RawZip(
            RawZip.Entry(name, Encoding.UTF8, [1]) with { Flags = RawEntry.Utf8 },
            RawZip.Entry(name.Normalize(NormalizationForm.FormD), Encoding.UTF8, [2]) with { Flags = RawEntry.Utf8 },
            RawZip.Entry("dog/1.jpg", Encoding.UTF8));

        using var contents = Open(zip);

        Assert.Equal(["cat/고양이.jpg", "cat/고양이 (2).jpg", "dog/1.jpg"], Paths(contents));
        var finding = Assert.Single(contents.Findings);
        Assert.Equal("cat/고양이 (2).jpg", finding.Path);
        Assert.Contains("the same name as cat/고양이.jpg", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_OneFileTwice_IsKeptOnce()
    {
        using var zip = Open(Zip(Encoding.UTF8, "cat/1.jpg", "dog/1.jpg", "cat/1.jpg"));

        Assert.Equal(["cat/1.jpg", "dog/1.jpg"], Paths(zip));
        Assert.Contains("in the zip twice, the same both times", Assert.Single(zip.Findings).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_ALongDecomposedName_FitsOnceComposedAndALongerOneIsShortened()
    {
        var syllables = string.Concat(Enumerable.Repeat("가나다라마바사아자차카타파하", 3));
        var (fits, longer) = ($"cat/{syllables}.jpg", $"cat/{string.Concat(Enumerable.Repeat(syllables, 3))}.jpg");

        using var zip = Open(
            Zip(Encoding.UTF8, fits.Normalize(NormalizationForm.FormD), longer, "dog/1.jpg") with { System = RawZip.Unix });

        Assert.Equal(fits, zip.Files[0].Path);
        var shortened = zip.Files[1].Path["cat/".Length..];
        Assert.InRange(Encoding.UTF8.GetByteCount(shortened), 200, 255);
        Assert.StartsWith(syllables, shortened, StringComparison.Ordinal);
        Assert.EndsWith(".jpg", shortened, StringComparison.Ordinal);
        Assert.Contains("too long for a disk", Assert.Single(zip.Findings).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_LitterOfAnySystem_IsLeftOutAndSaidInOneLine()
    {
        using var zip = Open(Zip(Encoding.UTF8, "cat/1.jpg", "dog/1.jpg", "Icon\r", "cat/Icon\r", "@eaDir/cat/1.jpg",
            "__MACOSX/cat/._1.jpg", "cat/Thumbs.db", "#recycle/2.jpg"));

        Assert.Equal(["cat/1.jpg", "dog/1.jpg"], Paths(zip));
        Assert.StartsWith("6 files of the operating system", Assert.Single(zip.Findings).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_ALineBreakInAName_BecomesAnUnderscoreAndIsSaid()
    {
        using var zip = Open(Zip(Encoding.UTF8, "cat/a\nb.jpg", "dog/1.jpg"));

        Assert.Equal(["cat/a_b.jpg", "dog/1.jpg"], Paths(zip));
        Assert.Equal(ProblemSeverity.Warning, Assert.Single(zip.Findings).Severity);
    }

    public void Dispose() => _folder.Dispose();

    private static RawZip Zip(Encoding encoding, params string[] names) => new([.. names.Select(name => RawZip.Entry(name, encoding))]);

    private static IEnumerable<string> Paths(ZipContents zip) => zip.Files.Select(file => file.Path);

    private static Encoding Code(int page) => CodePagesEncodingProvider.Instance.GetEncoding(page)!;

    private ZipContents Open(RawZip zip, string? encoding = null)
    {
        File.WriteAllBytes(_folder.In("upload.zip"), zip.Bytes());
        return ZipContents.Open(_folder.In("upload.zip"), Generous, encoding is null ? null : NameEncoding.Find(encoding));
    }
}
