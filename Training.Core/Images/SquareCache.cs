using System.Globalization;
using System.Security.Cryptography;

namespace Training.Core.Images;

/// <summary>
/// Decoded squares on disk for later epochs and runs, by the content of the image and how it was resized. Only a cache: what is missing,
/// damaged or can't be written costs decoding it again. Thread-safe, also between processes.
/// </summary>
internal sealed class SquareCache
{
    /// <summary>All sizes together; the oldest files go first.</summary>
    public const long MaxBytes = 4L << 30;

    /// <summary>To be raised when decoding or resizing gives other pixels.</summary>
    private const int Decoding = 2;

    private const int ChecksumBytes = 8;
    private const int Sha256Digits = 64;

    private readonly string _folder;
    private readonly long _limit;
    private long _bytes;
    private volatile bool _isFull;

    /// <param name="root">Of all sizes; need not exist.</param>
    /// <param name="isFull">Whether JPEGs are decoded in full first.</param>
    /// <param name="limit">Bytes on disk; when the folder is larger at the start, its oldest files are deleted down to half of it.</param>
    public SquareCache(string root, int size, ResizeKind resize, bool isFull, long limit = MaxBytes)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"{Decoding}-{resize}-{size}{(isFull ? "-full" : "")}");
        _folder = Path.Combine(root, name.ToLowerInvariant());
        _limit = limit;
        _bytes = Trim(root, limit);
    }

    /// <param name="sha256">Of the bytes that were or would be decoded, as hexadecimal digits; of unknown content nothing is kept.</param>
    public bool TryRead(string sha256, Span<byte> rgb)
    {
        if (sha256.Length != Sha256Digits) return false;
        try
        {
            using var file = File.OpenHandle(PathOf(sha256));
            Span<byte> checksum = stackalloc byte[ChecksumBytes];
            return RandomAccess.GetLength(file) == rgb.Length + ChecksumBytes
                && RandomAccess.Read(file, rgb, 0) == rgb.Length && RandomAccess.Read(file, checksum, rgb.Length) == ChecksumBytes
                && checksum.SequenceEqual(Checksum(rgb));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    public void Add(string sha256, ReadOnlySpan<byte> rgb)
    {
        if (_isFull || sha256.Length != Sha256Digits) return;
        if (Interlocked.Add(ref _bytes, rgb.Length + ChecksumBytes) > _limit)
        {
            _isFull = true;
            return;
        }
        var path = PathOf(sha256);
        var partial = $"{path}.{Guid.NewGuid():N}.partial";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            using (var file = File.OpenHandle(partial, FileMode.CreateNew, FileAccess.Write))
            {
                RandomAccess.Write(file, rgb, 0);
                RandomAccess.Write(file, Checksum(rgb), rgb.Length);
            }
            File.Move(partial, path, overwrite: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            _isFull = true; // a full disk, or not ours to write: no use in trying with every image
            Delete(partial);
        }
    }

    private string PathOf(string sha256) => Path.Combine(_folder, sha256[..2], sha256 + ".rgb");

    private static byte[] Checksum(ReadOnlySpan<byte> rgb) => SHA256.HashData(rgb)[..ChecksumBytes];

    /// <returns>Bytes that are left.</returns>
    private static long Trim(string root, long limit)
    {
        if (!Directory.Exists(root)) return 0;
        try
        {
            var files = new DirectoryInfo(root).EnumerateFiles("*", SearchOption.AllDirectories).ToList();
            var bytes = files.Sum(file => file.Length);
            if (bytes <= limit) return bytes;
            foreach (var file in files.OrderBy(file => file.LastWriteTimeUtc))
            {
                if (bytes <= limit / 2) break;
                bytes -= file.Length;
                Delete(file.FullName);
            }
            return bytes;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return limit; // another process tidies up: nothing is added this time
        }
    }

    private static void Delete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Left for the next time.
        }
    }
}
