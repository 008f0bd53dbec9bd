using System.Text;

namespace Dashboard.Datasets.Zips;

/// <summary>What a file is that has no zip's end: another kind of archive, a picture, a page that says "sign in", or half a zip.</summary>
internal static class ForeignFile
{
    private const string Remedy = "Unpack it and make a .zip of the folder of images.";

    private static readonly (int At, byte[] Bytes, string Name)[] Kinds =
    [
        (0, "Rar!"u8.ToArray(), "a RAR archive"),
        (0, [(byte)'7', (byte)'z', 0xBC, 0xAF, 0x27, 0x1C], "a 7z archive"),
        (0, [0x1F, 0x8B], "a gzip file, such as a .tar.gz"),
        (0, "BZh"u8.ToArray(), "a bzip2 file, such as a .tar.bz2"),
        (0, [0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0], "an xz file, such as a .tar.xz"),
        (0, [0x28, 0xB5, 0x2F, 0xFD], "a Zstandard file, such as a .tar.zst"),
        (257, "ustar"u8.ToArray(), "a tar archive"),
        (0, "EGG"u8.ToArray(), "an EGG archive"),
        (0, "ALZ"u8.ToArray(), "an ALZ archive"),
        (2, "-lh"u8.ToArray(), "an LZH archive"),
        (0, "MSCF"u8.ToArray(), "a cabinet (.cab)"),
        (0x8001, "CD001"u8.ToArray(), "a disk image (.iso)"),
        (0, [0xFF, 0xD8, 0xFF], "a JPEG image"),
        (0, [0x89, (byte)'P', (byte)'N', (byte)'G'], "a PNG image"),
        (0, "%PDF"u8.ToArray(), "a PDF file"),
    ];

    /// <returns>A sentence or two.</returns>
    public static string Explain(Stream file)
    {
        if (file.Length == 0) return "This is not a zip file: it is empty. Choose a .zip that holds a folder of images per class.";
        var head = new byte[0x8010];
        file.Position = 0;
        var length = file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        var bytes = head.AsSpan(0, length);
        if (bytes.StartsWith("PK\u0003\u0004"u8) || bytes.StartsWith("PK\u0007\u0008PK"u8))
            return "The zip is cut off: its end is missing. Copy or download it again until it is whole, and upload that.";
        foreach (var (at, signature, name) in Kinds)
            if (bytes.Length >= at + signature.Length && bytes.Slice(at, signature.Length).SequenceEqual(signature))
                return $"This is not a zip file but {name}. {Remedy}";
        var text = Encoding.Latin1.GetString(bytes[..Math.Min(length, 200)]).TrimStart();
        return text.StartsWith("<!DOCTYPE", StringComparison.OrdinalIgnoreCase)
            || text.StartsWith("<html", StringComparison.OrdinalIgnoreCase)
            ? "This is not a zip file but a web page: the download asked for something first, such as a sign-in. Download it in the "
                + "browser, and upload that."
            : "This is not a zip file. Choose a .zip that holds a folder of images per class.";
    }
}
