using Training.Core.Images;

namespace Training.Core.Data;

/// <summary>
/// One sample as an augmented square; remembers squares that stay the same over epochs, in memory and on disk. Thread-safe.
/// </summary>
internal sealed class SquareReader
{
    private readonly BatchLoaderOptions _options;
    private readonly byte[]?[] _cache;
    private readonly SquareCache? _disk;
    private readonly FileContents? _contents;
    private long _cachedBytes;

    public SquareReader(BatchLoaderOptions options)
    {
        _options = options;
        _cache = new byte[]?[options.Samples.Count];
        Length = checked(options.ImageSize * options.ImageSize * 3);
        _contents = options.Contents;
        if (options.CacheFolder is null) return;
        _disk = new SquareCache(Path.Combine(options.CacheFolder, "squares"), options.ImageSize, options.Resize, options.FullDecode);
        // Without it a photo that was overwritten would be kept as what it was.
        _contents ??= new FileContents(options.Manifest.Root, options.CacheFolder, options.Manifest.Fence);
    }

    /// <summary>Bytes of one square.</summary>
    public int Length { get; }

    /// <param name="index">Position in the loader's samples.</param>
    /// <param name="epoch">0: no augmentation.</param>
    /// <param name="cancellationToken">Ends waiting for memory.</param>
    /// <exception cref="ImageException">Vanished or broken since the scan; the message names the file.</exception>
    public void Read(int index, int epoch, Span<byte> rgb, CancellationToken cancellationToken)
    {
        var sample = _options.Samples[index];
        var augmentation = epoch == 0 ? default : Augmentation.Draw(_options.Augmentation, _options.Seed, epoch, sample);
        try
        {
            if (augmentation.Crop is not null) Decode(sample, augmentation.Crop, isKept: false, rgb, cancellationToken);
            else ReadWhole(index, sample, rgb, cancellationToken);
        }
        catch (ImageException error)
        {
            throw new ImageException($"{sample.Path} {error.Message}; it was whole when the dataset was scanned. Scan the dataset again.",
                error);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ImageException($"{sample.Path} is gone; it was there when the dataset was scanned. Put it back or scan the dataset "
                + "again.", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new ImageException($"{sample.Path} can't be read any more ({error.Message}). Check the disk and the file's rights.",
                error);
        }
        augmentation.Apply(rgb, _options.ImageSize);
    }

    private void ReadWhole(int index, Sample sample, Span<byte> rgb, CancellationToken cancellationToken)
    {
        if (_cache[index] is { } cached)
        {
            cached.CopyTo(rgb);
            return;
        }
        var known = _disk is null ? null : _contents!.Known(_options.Manifest.FullPath(sample), sample.Sha256);
        if (known is null || !_disk!.TryRead(known, rgb)) Decode(sample, crop: null, isKept: true, rgb, cancellationToken);
        if (Interlocked.Add(ref _cachedBytes, Length) <= _options.CacheBytes) _cache[index] = rgb.ToArray();
        else Interlocked.Add(ref _cachedBytes, -Length);
    }

    /// <param name="isKept">On disk, by the content of the bytes that were decoded, whatever the scan says of the file.</param>
    private void Decode(Sample sample, CropBox? crop, bool isKept, Span<byte> rgb, CancellationToken cancellationToken)
    {
        var path = _options.Manifest.FullPath(sample);
        using var file = FileBytes.Read(path, _options.Manifest.Fence, cancellationToken);
        var content = _contents?.Of(path, sample.Sha256, file) ?? "";
        if (isKept && _disk is not null && _disk.TryRead(content, rgb)) return;
        ImageDecoder.DecodeSquare(file.Span, _options.ImageSize, _options.Resize, crop, _options.FullDecode, rgb, cancellationToken);
        if (isKept) _disk?.Add(content, rgb);
    }
}
