using System.Text;
using Training.Core.Data;

namespace Training.Tests.Data.Folders;

/// <summary>Names that are no UTF-8 are named as what they are, with the command that mends them.</summary>
public sealed class ForeignNamesTests
{
    [Theory]
    [InlineData(949, "고양이 1.png", "cp949")]
    [InlineData(932, "ねこの写真.png", "cp932")]
    [InlineData(936, "小猫在睡觉.png", "gbk")]
    [InlineData(1252, "café.png", "cp1252")]
    [InlineData(1251, "кошка.png", "cp1251")]
    public void Scan_FileWhoseNameIsNotUtf8_NamesFolderEncodingAndCommand(int codePage, string name, string encoding)
    {
        using var photos = new PhotoFolder();
        photos.PutRaw("cat", Bytes(codePage, name)).With("cat", 2).With("dog", 2);

        var scan = photos.Scan();

        var problem = scan.Has(ProblemSeverity.Warning,
            $"1 name here is not UTF-8, so what is called so can't be opened: probably {encoding}, such as “{name}”.");
        Assert.Equal("cat", problem.Path);
        Assert.Contains($"convmv -f {encoding} -t utf8 -r --notest '{photos.Root}'", problem.Remedy, StringComparison.Ordinal);
        Assert.Equal(4, scan.Samples.Count);
        scan.HasNoErrors();
    }

    [Fact]
    public void Scan_ClassFolderWhoseNameIsNotUtf8_IsAnErrorSoThatNoClassIsMissing()
    {
        using var photos = new PhotoFolder().PutRaw(".", [.. Bytes(949, "고양이"), .. "/1.png"u8]).With("dog", 2).With("owl", 2);

        var problem = photos.Scan().Has(ProblemSeverity.Error, "1 name here is not UTF-8");

        Assert.Null(problem.Path);
        Assert.Contains("“고양이”", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Scan_AllClassFoldersSo_SaysNothingElse()
    {
        using var photos = new PhotoFolder()
            .PutRaw(".", [.. Bytes(949, "고양이"), .. "/1.png"u8]).PutRaw(".", [.. Bytes(949, "강아지"), .. "/1.png"u8]);

        Assert.StartsWith("2 names here are not UTF-8", Assert.Single(photos.Scan().Problems).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Scan_NameThatHoldsTheReplacementCharacterItself_IsUsed()
    {
        using var photos = new PhotoFolder().With("cat\uFFFD", 2).With("dog", 2);

        Assert.Equal(["cat\uFFFD", "dog"], photos.Scan().Classes);
    }

    [Fact]
    public void Scan_NamesWithBackslashes_StayAsTheyAre()
    {
        using var photos = new PhotoFolder().With("cat", 2).With("dog", 2).Put("cat/sub\\x.png", Images.Pictures.Small(99));

        var scan = photos.Scan();

        Assert.Empty(scan.Problems);
        var sample = Assert.Single(scan.Samples, sample => sample.Path == "cat/sub\\x.png");
        Assert.True(File.Exists(new DatasetManifest("x", scan.Root, scan.Classes, scan.Samples).FullPath(sample)));
    }

    [Fact]
    public void Scan_LinkToAClassOfTheSameSet_IsNoClassWhicheverComesFirst()
    {
        using var photos = new PhotoFolder().With("cat", 2).With("dog", 2);
        Directory.CreateSymbolicLink(photos.In("aaa"), "cat");

        var scan = photos.Scan();

        Assert.Equal(["cat", "dog"], scan.Classes);
        Assert.Equal("aaa", scan.Has(ProblemSeverity.Warning, "leads back to a folder that is read already").Path);
    }

    private static byte[] Bytes(int codePage, string name) => CodePagesEncodingProvider.Instance.GetEncoding(codePage)!.GetBytes(name);
}
