using System.Text;
using Dashboard.Datasets;
using Dashboard.Datasets.Imports;
using Dashboard.Datasets.Zips;
using Training.Tests.Datasets.Imports;
using Training.Tests.TestKit;

namespace Training.Tests.Datasets.Zips;

/// <summary>Zips of every kind that programs write: read whole, or refused with what is wrong and what to do.</summary>
public sealed class ZipKindsTests : IDisposable
{
    private const int Rounded = 65_536;
    private static readonly ZipLimits Generous = new() { MaxBytes = 1L << 40, MaxEntries = 1_000_000, FreeBytes = 1L << 40 };

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Unpack_MoreFilesThanSixteenBitsCount_AsMacsWriteThem_LeavesThemAll()
    {
        var entries = Enumerable.Range(0, Rounded + 40)
            .Select(i => new RawEntry(Encoding.ASCII.GetBytes($"{(i % 2 == 0 ? "cat" : "dog")}/{i}.jpg"), [(byte)i])).ToArray();

        using var zip = Open(new RawZip(entries) { Count = 40, System = RawZip.Unix });

        Assert.Equal(entries.Length, zip.Files.Count);
        Assert.Equal("dog/65575.jpg", zip.Files[^1].Path);
    }

    [Theory]
    [InlineData(7)]
    [InlineData(1)]
    public void Open_AZipThatCountsItsFilesWrongly_SaysSo(int count) =>
        Assert.Contains($"counts its files wrongly: its end says {count}, its list has 2", Refused(Two() with { Count = count }),
            StringComparison.Ordinal);

    [Theory]
    [InlineData(true, true, false)]
    [InlineData(true, false, false)]
    [InlineData(false, false, true)]
    [InlineData(false, true, false)]
    public void Unpack_WithOtherThingsBeforeAndBehind_ReadsTheSame(bool hasBefore, bool countsBefore, bool is64)
    {
        var zip = Two() with { CountsBefore = countsBefore, Is64 = is64, HasDescriptors = !is64,
            Behind = Encoding.ASCII.GetBytes(new string('\n', 70_000)) };

        Unpack((zip with { Before = hasBefore ? Encoding.ASCII.GetBytes("MZ" + new string('x', 500)) : [] }).Bytes());

        Assert.Equal(TestZip.Png, File.ReadAllBytes(_folder.In("7", "dog", "1.png")));
    }

    [Theory]
    [InlineData(SharpCompress.Common.CompressionType.BZip2)]
    [InlineData(SharpCompress.Common.CompressionType.LZMA)]
    [InlineData(SharpCompress.Common.CompressionType.ZStandard)]
    public void Unpack_OtherMethodsOfCompression_LeavesTheSameBytes(SharpCompress.Common.CompressionType method)
    {
        var pixels = Pixels();

        Unpack(Compressed(method, pixels));

        Assert.Equal(pixels, File.ReadAllBytes(_folder.In("7", "cat", "1.bmp")));
        Assert.Equal(pixels, File.ReadAllBytes(_folder.In("7", "dog", "1.bmp")));
    }

    /// <summary>As Windows writes files beyond 2 GB; these bytes are 7-Zip's (7z a -mm=Deflate64) of 70,000 times the letter a.</summary>
    [Fact]
    public void Unpack_Deflate64_LeavesTheSameBytes()
    {
        var content = Encoding.ASCII.GetBytes(new string('a', 70_000));
        var packed = Convert.FromBase64String(
            "5MGBAAAAAIAg1v0lBqni8Xg8Ho/H4/F4PB6Px+PxeDwej8fj8Xg8Ho/H4/F4PB6Px+PxeDwej8fj8Xg8Ho/H4/F4PB6Px+PxeDwej8fj8Xg8Ho/H4/F4PB6Px+PxeDwej8fj8Xg8Ho/H4/F4PB6Px+PxeDwej8fj8Xg8Ho/H4/F4PB6Px+PxeDwej8fj8Xg8Ho/H4/F4PB6Px+PxeDwej8fj8Xg8Ho/H4/F4PB6Px+PxeDwej8fj8Xg8Ho/H4/F4PB6Px+PxeDwej8fj8Xg8Ho/H4/F4PB6Px+PxeDwe7/LgkAAAAABA0P/XrjABPB6Px+PxeDwej8fj8Xg8Ho/H4/F4PB6Px+PxeDzeLA==");

        Unpack(new RawZip([.. new[] { "cat/1.bmp", "dog/1.bmp" }
            .Select(name => RawZip.Entry(name, Encoding.ASCII, content) with { Method = 9, Packed = packed })]).Bytes());

        Assert.Equal(content, File.ReadAllBytes(_folder.In("7", "dog", "1.bmp")));
    }

    [Theory]
    [InlineData(SharpCompress.Common.CompressionType.BZip2)]
    [InlineData(SharpCompress.Common.CompressionType.LZMA)]
    [InlineData(SharpCompress.Common.CompressionType.ZStandard)]
    [InlineData(SharpCompress.Common.CompressionType.Deflate)]
    public void Unpack_DamagedBytesOfAnyMethod_AreDamagedAndNothingIsLeft(SharpCompress.Common.CompressionType method)
    {
        var random = new Random(7);
        var good = Compressed(method, Pixels());
        for (var round = 0; round < 20; round++)
        {
            var zip = good.ToArray();
            random.NextBytes(zip.AsSpan(60 + random.Next(1000), 40));

            Assert.Contains("damaged at “cat/1.bmp”", Assert.Throws<DatasetException>(() => Unpack(zip)).Message, StringComparison.Ordinal);
            Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
        }
    }

    [Theory]
    [InlineData(98, "PPMd")]
    [InlineData(95, "XZ")]
    [InlineData(6, "Implode")]
    [InlineData(96, "WinZip's compression of JPEGs")]
    [InlineData(77, "method 77")]
    public void Open_AMethodThatIsNotRead_IsNamedWithTheRemedy(int method, string name)
    {
        var error = Refused(new RawZip(RawZip.Entry("cat/1.jpg", Encoding.ASCII) with { Method = method },
            RawZip.Entry("dog/1.jpg", Encoding.ASCII)));

        Assert.Contains($"not supported: “cat/1.jpg” is compressed by {name}.", error, StringComparison.Ordinal);
        Assert.Contains("Deflate", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, 8)] // ZipCrypto
    [InlineData(1, 99)] // AES
    [InlineData(0x41, 8)] // PKWARE's
    public void Open_AnEncryptedZip_AsksForOneWithoutPassword(int flags, int method) =>
        Assert.Contains("encrypted (“cat/1.jpg” needs a password). Make it again without a password.",
        Refused(new RawZip(RawZip.Entry("cat/1.jpg", Encoding.ASCII) with { Flags = flags, Method = method })), StringComparison.Ordinal);

    [Fact]
    public void Unpack_LzmaThatWantsAllMemory_IsNotSupported()
    {
        byte[] packed = [9, 20, 5, 0, 93, 0, 0, 0, 0xF0, 0, 1, 2, 3];
        var zip = new RawZip(RawZip.Entry("cat/1.bmp", Encoding.ASCII, new byte[100]) with { Method = 14, Packed = packed },
            RawZip.Entry("dog/1.jpg", Encoding.ASCII));

        Assert.Contains("needs more than 67.1 MB of memory", Assert.Throws<DatasetException>(() => Unpack(zip.Bytes())).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("526172211A070100", "a RAR archive")]
    [InlineData("377ABCAF271C0004", "a 7z archive")]
    [InlineData("1F8B080000000000", "a gzip file, such as a .tar.gz")]
    [InlineData("FFD8FFE000104A46", "a JPEG image")]
    public void Open_AnotherKindOfFile_NamesIt(string head, string name)
    {
        byte[] file = [.. Convert.FromHexString(head), .. new byte[500]];

        Assert.Contains($"not a zip file but {name}", Refused(file), StringComparison.Ordinal);
    }

    [Fact]
    public void Open_AWebPage_SaysThatTheDownloadAskedForSomething() =>
        Assert.Contains("but a web page", Refused(Encoding.UTF8.GetBytes("\n<!doctype html><html><body>Sign in</body></html>")),
            StringComparison.Ordinal);

    [Fact]
    public void Open_AZipCutOffAnywhere_SaysThatItIsCutOff()
    {
        var whole = TestZip.OfImages("cat/1.jpg", "dog/1.jpg");

        foreach (var length in Enumerable.Range(4, whole.Length - 4 - 22))
            Assert.Contains("cut off", Refused(whole[..length]), StringComparison.Ordinal);
    }

    [Fact]
    public void Open_OnePartOfSeveral_SaysSo()
    {
        var zip = Two().Bytes();
        zip[^18] = 2; // this is disk 2

        Assert.Contains("one of several parts", Refused(zip), StringComparison.Ordinal);
    }

    [Fact]
    public void Open_FilesThatLieOverEachOther_AreTakenForABomb()
    {
        var zip = Two().Bytes();
        ReadOnlySpan<byte> record = [(byte)'P', (byte)'K', 1, 2];
        var list = zip.AsSpan().LastIndexOf(record);
        BitConverter.TryWriteBytes(zip.AsSpan(list + 20), zip.Length - 20);

        Assert.Contains("lie over each other", Refused(zip), StringComparison.Ordinal);
    }

    [Fact]
    public void Open_ArchivesInTheZipAndNoImages_SaysWhatToDoWithThem()
    {
        var error = Refused(TestZip.Of(("train.zip", TestZip.OfImages("train/cat/1.jpg")), ("test1.zip", [1]),
            ("sampleSubmission.csv", [1])));

        Assert.Contains("no images but other archives (“train.zip”, “test1.zip”)", error, StringComparison.Ordinal);
        Assert.Contains("make one zip of their images", error, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private static RawZip Two() => new(RawZip.Entry("cat/1.png", Encoding.ASCII), RawZip.Entry("dog/1.png", Encoding.ASCII));

    private static byte[] Pixels()
    {
        var pixels = new byte[30_000];
        new Random(3).NextBytes(pixels.AsSpan(0, 15_000));
        return pixels;
    }

    private static byte[] Compressed(SharpCompress.Common.CompressionType method, byte[] content)
    {
        using var memory = new MemoryStream();
        using (var writer = new SharpCompress.Writers.Zip.ZipWriter(memory,
            new SharpCompress.Writers.Zip.ZipWriterOptions(method) { LeaveStreamOpen = true }))
            foreach (var name in new[] { "cat/1.bmp", "dog/1.bmp" })
                writer.Write(name, new MemoryStream(content), new DateTime(2026, 1, 1));
        return memory.ToArray();
    }

    private string Refused(RawZip zip) => Refused(zip.Bytes());

    private string Refused(byte[] zip) => Assert.Throws<DatasetException>(() => Open(zip)).Message;

    private ZipContents Open(RawZip zip) => Open(zip.Bytes());

    private ZipContents Open(byte[] zip)
    {
        File.WriteAllBytes(_folder.In("7.zip"), zip);
        return ZipContents.Open(_folder.In("7.zip"), Generous);
    }

    private void Unpack(byte[] zip)
    {
        File.WriteAllBytes(_folder.In("7.zip"), zip);
        UploadFiles.Unpack(_folder.In("7.zip"), _folder.In("7"), Generous, null, default);
    }
}
