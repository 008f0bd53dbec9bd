using System.IO.Compression;
using System.Text;
using SkiaSharp;
using Training.Tests.TestKit;

namespace Training.Tests.Datasets.Imports;

/// <summary>Zips good and bad, made in memory.</summary>
internal static class TestZip
{
    private static readonly byte[] Jpeg = MakeJpeg();

    /// <summary>A small image that decodes fast.</summary>
    public static byte[] Png { get; } = MakePng();

    /// <summary>A zip whose entries all hold the same small JPEG.</summary>
    public static byte[] OfImages(params IEnumerable<string> names) => Of([.. names.Select(name => (name, Jpeg))]);

    public static byte[] Of(params IEnumerable<(string Name, byte[] Content)> entries) => Of(null, entries);

    public static byte[] Of(Encoding? names, params IEnumerable<(string Name, byte[] Content)> entries) =>
        Build(names, archive =>
        {
            foreach (var (name, content) in entries)
            {
                using var stream = archive.CreateEntry(name).Open();
                stream.Write(content);
            }
        });

    public static byte[] WithLink() => Build(null, archive =>
    {
        var entry = archive.CreateEntry("cats/link.jpg");
        entry.ExternalAttributes = 0xA1FF << 16;
        using var stream = entry.Open();
        stream.Write("/etc/passwd"u8);
    });

    /// <summary>Sets the bit that says "encrypted" in every record.</summary>
    public static byte[] Encrypted()
    {
        var zip = OfImages("cats/1.jpg", "dogs/1.jpg");
        foreach (var at in Find(zip, 0x04034b50)) zip[at + 6] |= 1;
        foreach (var at in Find(zip, 0x02014b50)) zip[at + 8] |= 1;
        return zip;
    }

    /// <summary>Says of its first entry that it unpacks to <paramref name="bytes"/>, whatever it does.</summary>
    public static byte[] Lying(byte[] zip, uint bytes)
    {
        BitConverter.TryWriteBytes(zip.AsSpan(Find(zip, 0x04034b50).First() + 22), bytes);
        BitConverter.TryWriteBytes(zip.AsSpan(Find(zip, 0x02014b50).First() + 24), bytes);
        return zip;
    }

    private static IEnumerable<int> Find(byte[] zip, uint signature)
    {
        for (var at = 0; at + 4 <= zip.Length; at++)
            if (BitConverter.ToUInt32(zip, at) == signature) yield return at;
    }

    private static byte[] Build(Encoding? names, Action<ZipArchive> fill)
    {
        using var memory = new MemoryStream();
        using (var archive = new ZipArchive(memory, ZipArchiveMode.Create, leaveOpen: true, names)) fill(archive);
        return memory.ToArray();
    }

    private static byte[] MakePng()
    {
        using var bitmap = new SKBitmap(8, 8);
        bitmap.Erase(SKColors.Orange);
        using var data = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        return data.ToArray();
    }

    private static byte[] MakeJpeg()
    {
        using var folder = new TemporaryFolder();
        TestImages.Write(folder.In("one.jpg"), 1, "one", 48, 32);
        return File.ReadAllBytes(folder.In("one.jpg"));
    }
}
