using Training.Core.Images;

namespace Training.Core.Data;

/// <summary>One sample as an augmented square; remembers squares that stay the same over epochs, in memory and on disk. Thread-safe.</summary>
internal sealed class SquareReader(BatchLoaderOptions options)
{
    private readonly byte[]?[] _cache = new byte[]?[options.Samples.Count];
    private readonly SquareCache? _disk = options.CacheFolder is null
        ? null : new SquareCache(Path.Combine(options.CacheFolder, "squares"), options.ImageSize, options.Resize);
    private long _cachedBytes;

    /// <summary>Bytes of one square.</summary>
    public int Length { get; } = checked(options.ImageSize * options.ImageSize * 3);

    /// <param name="index">Position in the loader's samples.</param>
    /// <param name="epoch">0: no augmentation.</param>
    /// <exception cref="ImageException">Vanished or broken since the scan; the message names the file.</exception>
    public void Read(int index, int epoch, Span<byte> rgb)
    {
        var sample = options.Samples[index];
        var augmentation = epoch == 0 ? default : Augmentation.Draw(options.Augmentation, options.Seed, epoch, sample);
        if (augmentation.Crop is not null) Decode(sample, augmentation.Crop, rgb);
        else ReadWhole(index, sample, rgb);
        augmentation.Apply(rgb, options.ImageSize);
    }

    private void ReadWhole(int index, Sample sample, Span<byte> rgb)
    {
        if (_cache[index] is { } cached)
        {
            cached.CopyTo(rgb);
            return;
        }
        if (_disk is null || !_disk.TryRead(sample.Sha256, rgb))
        {
            Decode(sample, crop: null, rgb);
            _disk?.Add(sample.Sha256, rgb);
        }
        if (Interlocked.Add(ref _cachedBytes, Length) <= options.CacheBytes) _cache[index] = rgb.ToArray();
        else Interlocked.Add(ref _cachedBytes, -Length);
    }

    private void Decode(Sample sample, CropBox? crop, Span<byte> rgb)
    {
        try
        {
            ImageDecoder.DecodeSquare(options.Manifest.FullPath(sample), options.ImageSize, options.Resize, crop, rgb, options.Manifest.Fence);
        }
        catch (ImageException error)
        {
            throw new ImageException($"{sample.Path} {error.Message}; it was whole when the dataset was scanned. Scan the dataset again.", error);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ImageException($"{sample.Path} is gone; it was there when the dataset was scanned. Put it back or scan the dataset again.", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new ImageException($"{sample.Path} can't be read any more ({error.Message}). Check the disk and the file's rights.", error);
        }
    }
}
