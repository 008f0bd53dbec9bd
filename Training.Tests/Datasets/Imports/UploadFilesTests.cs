using Dashboard.Datasets;
using Dashboard.Datasets.Imports;
using Dashboard.Datasets.Zips;
using Training.Tests.TestKit;

namespace Training.Tests.Datasets.Imports;

public sealed class UploadFilesTests : IDisposable
{
    private static readonly ZipLimits Generous = new() { MaxBytes = 1L << 40, MaxEntries = 1_000_000, FreeBytes = 1L << 40 };

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Unpack_AGoodZip_LeavesTheFolderAndNothingElse()
    {
        Unpack(TestZip.OfImages("photos/cats/1.jpg", "photos/cats/deep/2.jpg", "photos/dogs/1.jpg"));

        Assert.Equal(["cats/1.jpg", "cats/deep/2.jpg", "dogs/1.jpg"], FilesOf(_folder.In("7")));
        Assert.Equal([_folder.In("7")], Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void Unpack_AZipInTheZip_IsJustAFile()
    {
        Unpack(TestZip.Of(("cats/1.jpg", [1]), ("dogs/inner.zip", TestZip.OfImages("../evil.jpg"))));

        Assert.Equal(["cats/1.jpg", "dogs/inner.zip"], FilesOf(_folder.In("7")));
    }

    [Fact]
    public void Unpack_ABombThatLiesAboutItsSize_EndsBeforeItIsWritten()
    {
        var bomb = TestZip.Lying(TestZip.Of(("a/zeros.bmp", new byte[30 << 20])), 1000);

        var error = Assert.Throws<DatasetException>(() => Unpack(bomb));

        Assert.Contains("damaged at “a/zeros.bmp”", error.Message, StringComparison.Ordinal);
        AssertNothingLeft();
    }

    [Fact]
    public void Unpack_AnEntryShorterThanItSays_IsDamaged()
    {
        var error = Assert.Throws<DatasetException>(() => Unpack(TestZip.Lying(TestZip.OfImages("cats/1.jpg", "dogs/1.jpg"), 100_000)));

        Assert.Contains("damaged at “cats/1.jpg”", error.Message, StringComparison.Ordinal);
        AssertNothingLeft();
    }

    [Fact]
    public void Unpack_BytesThatNoZipHas_AreDamaged()
    {
        var random = new byte[20_000];
        new Random(1).NextBytes(random);
        var zip = TestZip.Of(("cats/1.bmp", new byte[5000].Concat(random).ToArray()), ("dogs/1.bmp", random));
        Array.Fill(zip, (byte)0xFF, 60, 3000);

        var error = Assert.Throws<DatasetException>(() => Unpack(zip));

        Assert.Contains("damaged", error.Message, StringComparison.Ordinal);
        AssertNothingLeft();
    }

    [Fact]
    public void Unpack_AStoredImageWithOneWrongBit_IsDamaged()
    {
        var pixels = new byte[5000];
        new Random(2).NextBytes(pixels);
        var zip = TestZip.Of(("cats/1.bmp", pixels), ("dogs/1.bmp", pixels));
        zip[2000] ^= 1;

        var error = Assert.Throws<DatasetException>(() => Unpack(zip));

        Assert.Contains("damaged at “cats/1.bmp”", error.Message, StringComparison.Ordinal);
        AssertNothingLeft();
    }

    [Fact]
    public void Unpack_WhenInterrupted_KeepsTheZipForTheNextStart()
    {
        using var cancellation = new CancellationTokenSource();
        cancellation.Cancel();

        Assert.Throws<OperationCanceledException>(() =>
            Unpack(TestZip.OfImages("cats/1.jpg", "dogs/1.jpg"), cancellationToken: cancellation.Token));

        Assert.Equal([_folder.In("7.zip")], Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void Unpack_OverAHalfMadeFolder_StartsAnew()
    {
        Directory.CreateDirectory(_folder.In("7.part", "cats"));
        File.WriteAllText(_folder.In("7.part", "cats", "torn.jpg"), "x");

        Unpack(TestZip.OfImages("cats/1.jpg", "dogs/1.jpg"));

        Assert.Equal(["cats/1.jpg", "dogs/1.jpg"], FilesOf(_folder.In("7")));
    }

    [SkippableFact]
    public void Unpack_WhenTheDiskIsFull_SaysWhatItNeedsAndKeepsTheZipForAnotherTry()
    {
        using var disk = new SmallDisk(1024);
        var random = new byte[700_000];
        new Random(1).NextBytes(random);
        File.WriteAllBytes(disk.In("7.zip"), TestZip.Of(("cats/1.bmp", random)));

        var error = Assert.Throws<NoRoomException>(() => UploadFiles.Unpack(disk.In("7.zip"), disk.In("7"), Generous, null, default));

        Assert.Contains("is full: the zip unpacks to 700 KB, and ", error.Message, StringComparison.Ordinal);
        Assert.Contains("The zip is kept: scan it again once there is room.", error.Message, StringComparison.Ordinal);
        Assert.Equal([disk.In("7.zip")], disk.Entries);
        disk.Grow(4096);
        UploadFiles.Unpack(disk.In("7.zip"), disk.In("7"), Generous, null, default);
        Assert.Equal([disk.In("7")], disk.Entries);
    }

    [Fact]
    public void RemoveUnfinished_AfterAnInterruptedUpload_KeepsOnlyWholeThings()
    {
        var options = new Dashboard.Storage.DashboardOptions { DataRoot = _folder.Path };
        Directory.CreateDirectory(Path.Combine(options.DatasetsFolder, "3.part", "cats"));
        Directory.CreateDirectory(Path.Combine(options.DatasetsFolder, "2"));
        File.WriteAllText(Path.Combine(options.DatasetsFolder, "3.zip"), "");
        File.WriteAllText(UploadFiles.NewIncoming(options), "");

        UploadFiles.RemoveUnfinished(options);

        Assert.Equal(["2", "3.zip"], Directory.EnumerateFileSystemEntries(options.DatasetsFolder).Select(Path.GetFileName).Order());
    }

    public void Dispose() => _folder.Dispose();

    private void Unpack(byte[] zip, CancellationToken cancellationToken = default)
    {
        File.WriteAllBytes(_folder.In("7.zip"), zip);
        UploadFiles.Unpack(_folder.In("7.zip"), _folder.In("7"), Generous, null, cancellationToken);
    }

    private void AssertNothingLeft() => Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));

    private static IEnumerable<string> FilesOf(string folder) =>
        Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(folder, file)).Order(StringComparer.Ordinal);
}
