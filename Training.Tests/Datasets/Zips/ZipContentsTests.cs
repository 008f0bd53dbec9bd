using System.Text;
using Dashboard.Datasets;
using Dashboard.Datasets.Zips;
using Training.Tests.Datasets.Imports;
using Training.Tests.TestKit;

namespace Training.Tests.Datasets.Zips;

public sealed class ZipContentsTests : IDisposable
{
    private static readonly ZipLimits Generous = new() { MaxBytes = 1L << 40, MaxEntries = 1_000_000, FreeBytes = 1L << 40 };

    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("../evil.jpg")]
    [InlineData("cats/../../evil.jpg")]
    [InlineData("..\\evil.jpg")]
    [InlineData("cats\\..\\..\\evil.jpg")]
    [InlineData("/etc/evil.jpg")]
    [InlineData("C:\\evil.jpg")]
    [InlineData("c:/evil.jpg")]
    [InlineData("\\\\server\\share\\evil.jpg")]
    public void Open_AnEntryThatLeadsOut_IsRefusedByName(string name)
    {
        var error = Refused(TestZip.OfImages("cats/1.jpg", name));

        Assert.Contains($"“{name}”", error, StringComparison.Ordinal);
        Assert.Contains("Make the zip again", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cats/nu\0l.jpg")]
    public void Open_ANameThatNoFileCanHave_IsRefused(string name) =>
        Assert.Contains("is a name that no file can have", Refused(TestZip.OfImages("dogs/1.jpg", name)), StringComparison.Ordinal);

    [Fact]
    public void Open_ALink_IsRefused() =>
        Assert.Contains("a link (“cats/link.jpg”)", Refused(TestZip.WithLink()), StringComparison.Ordinal);

    [Fact]
    public void Open_AnEncryptedZip_AsksForOneWithoutPassword() =>
        Assert.Contains("without a password", Refused(TestZip.Encrypted()), StringComparison.Ordinal);

    [Fact]
    public void Open_AFileThatIsNoZip_SaysSo() =>
        Assert.Contains("not a zip file", Refused(Encoding.UTF8.GetBytes(new string('x', 5000))), StringComparison.Ordinal);

    [Fact]
    public void Open_AnEmptyFile_SaysThatItIsNoZip() => Assert.Contains("not a zip file", Refused([]), StringComparison.Ordinal);

    [Fact]
    public void Open_AnEmptyZip_SaysSo() => Assert.Contains("The zip is empty", Refused(TestZip.OfImages()), StringComparison.Ordinal);

    [Fact]
    public void Open_OnlyFoldersAndLitter_SaysThatItHoldsNoFiles() =>
        Assert.Contains("holds no files", Refused(TestZip.Of(("cats/", []), ("__MACOSX/cats/._1.jpg", [1]))), StringComparison.Ordinal);

    [Fact]
    public void Open_AZipWithoutItsStart_SaysThatItIsDamaged() =>
        Assert.Contains("damaged", Refused(TestZip.OfImages("cats/1.jpg", "dogs/1.jpg")[100..]), StringComparison.Ordinal);

    [Fact]
    public void Open_AZipWithoutItsEnd_IsCutOff() =>
        Assert.Contains("cut off: its end is missing", Refused(TestZip.OfImages("cats/1.jpg", "dogs/1.jpg")[..^30]),
            StringComparison.Ordinal);

    [Fact]
    public void Open_TooManyEntries_NamesTheSettingAndTheOtherWay()
    {
        var error = Refused(TestZip.OfImages("a/1.jpg", "a/2.jpg", "b/1.jpg"), Generous with { MaxEntries = 2 });

        Assert.Contains("3 files; 2 at most", error, StringComparison.Ordinal);
        Assert.Contains("Dashboard:MaxZipEntries", error, StringComparison.Ordinal);
        Assert.Contains("by its path", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_MoreThanMayBeUnpacked_NamesTheSetting() =>
        Assert.Contains("Dashboard:MaxUnpackedBytes",
            Refused(TestZip.Of(("a/1.bmp", new byte[5000])), Generous with { MaxBytes = 4000 }), StringComparison.Ordinal);

    [Fact]
    public void Open_AThousandfoldGrowth_IsTakenForABomb() =>
        Assert.Contains("zip bomb", Refused(TestZip.Of(("a/zeros.bmp", new byte[120 << 20]))), StringComparison.Ordinal);

    [Fact]
    public void Open_MoreThanIsFree_SaysHowMuchIsMissing() =>
        Assert.Contains("only 1.0 KB are free",
            Refused(TestZip.Of(("a/1.bmp", new byte[5000])), Generous with { FreeBytes = 1000 }), StringComparison.Ordinal);

    [Fact]
    public void Open_TheSameNameTwice_IsRefusedByName() =>
        Assert.Contains("“cats/1.jpg” twice", Refused(TestZip.Of(("cats/1.jpg", [1]), ("cats/1.jpg", [2]))), StringComparison.Ordinal);

    [Fact]
    public void Open_AFileThatIsAlsoAFolder_IsRefusedByName() =>
        Assert.Contains("“a/b” as a file and as a folder", Refused(TestZip.OfImages("a/b", "a/b/1.jpg")), StringComparison.Ordinal);

    [Theory]
    [InlineData("photos/cats/1.jpg,photos/dogs/1.jpg", "cats/1.jpg,dogs/1.jpg")]
    [InlineData("a/b/train/cats/1.jpg,a/b/val/cats/1.jpg", "train/cats/1.jpg,val/cats/1.jpg")]
    [InlineData("cats/1.jpg,cats/2.jpg", "cats/1.jpg,cats/2.jpg")]
    [InlineData("photos/cats/1.jpg,photos/readme.txt", "photos/cats/1.jpg,photos/readme.txt")]
    [InlineData("cats/1.jpg,dogs/1.jpg,__MACOSX/cats/._1.jpg,cats/.DS_Store", "cats/1.jpg,dogs/1.jpg")]
    [InlineData("photos\\cats\\1.jpg,photos\\dogs\\1.jpg", "cats/1.jpg,dogs/1.jpg")]
    [InlineData("photos/고양이 <script>\"'/1.jpg,photos/개/1.jpg", "고양이 <script>\"'/1.jpg,개/1.jpg")]
    public void Open_AWrappingFolderOrLitter_IsLeftOut(string names, string expected)
    {
        using var contents = Open(TestZip.OfImages(names.Split(',')), Generous);

        Assert.Equal(expected.Split(','), contents.Files.Select(file => file.Path));
    }

    public void Dispose() => _folder.Dispose();

    private string Refused(byte[] zip, ZipLimits? limits = null)
    {
        var error = Assert.ThrowsAny<DatasetException>(() => Open(zip, limits ?? Generous));
        Assert.Equal("file", error.Field);
        return error.Message;
    }

    private ZipContents Open(byte[] zip, ZipLimits limits)
    {
        File.WriteAllBytes(_folder.In("upload.zip"), zip);
        return ZipContents.Open(_folder.In("upload.zip"), limits);
    }
}
