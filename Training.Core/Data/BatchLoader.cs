using Training.Core.Runs;

namespace Training.Core.Data;

/// <summary>
/// Decodes ahead on threads into reused buffers and hands out batches in a fixed order. Same seed and epoch: same order and crops,
/// whatever the number of threads.
/// </summary>
public sealed class BatchLoader : IDisposable
{
    public BatchLoader(BatchLoaderOptions options) => throw new NotImplementedException();

    /// <summary>Batches of one pass; a batch is valid until the next is asked for.</summary>
    /// <param name="epoch">From 1; with the seed it determines order and augmentation. 0: file order, no augmentation (evaluation).</param>
    public IEnumerable<Batch> Read(int epoch, CancellationToken stop = default) => throw new NotImplementedException();

    public void Dispose() => throw new NotImplementedException();
}

public sealed record BatchLoaderOptions
{
    public required DatasetManifest Manifest { get; init; }
    public required IReadOnlyList<Sample> Samples { get; init; }
    public required int BatchSize { get; init; }
    public required int ImageSize { get; init; }
    public required ResizeKind Resize { get; init; }
    public AugmentationKind Augmentation { get; init; }
    public int Seed { get; init; }
    public int Threads { get; init; } = Math.Max(1, Environment.ProcessorCount / 2);
    /// <summary>Memory for decoded images that need no new decoding (file order or squash + flip only), in bytes.</summary>
    public long CacheBytes { get; init; } = 1L << 30;
}

/// <param name="Rgb">Bytes (count, size, size, 3); only the first Count images are filled.</param>
/// <param name="Samples">The samples in the batch's order.</param>
public sealed record Batch(byte[] Rgb, IReadOnlyList<Sample> Samples)
{
    public int Count => Samples.Count;
}
