using Training.Core.Images;

namespace Training.Core.Data;

/// <summary>
/// Decodes ahead on threads into reused buffers and hands out batches in a fixed order. Same seed and epoch: same order and crops,
/// whatever the number of threads. For one consumer; <see cref="Dispose"/> may come from any thread.
/// </summary>
public sealed class BatchLoader : IDisposable
{
    /// <summary>Batches in memory: one in use, the others filled meanwhile; fewer, but at least two, when they are large.</summary>
    private const int MaxBuffers = 3;

    private const long BufferBytes = 1L << 29;

    private readonly BatchLoaderOptions _options;
    private readonly SquareReader _reader;
    private readonly Lock _gate = new();
    private byte[][]? _buffers;
    private DecodeAhead? _pass;
    private int? _begun;
    private bool _disposed;

    public BatchLoader(BatchLoaderOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.BatchSize);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.ImageSize);
        _options = options;
        _reader = new SquareReader(options);
    }

    /// <summary>Threads of the pass under way that still run.</summary>
    internal int LiveThreads => _pass?.LiveThreads ?? 0;

    /// <summary>How many batches a whole pass gives.</summary>
    public int BatchCount(int epoch) =>
        (SampleCount(epoch) + _options.BatchSize - 1) / _options.BatchSize;

    /// <summary>
    /// Starts to decode a pass's first batches; the next <see cref="Read(int, CancellationToken)"/> of the same epoch goes on from there.
    /// </summary>
    public void Begin(int epoch)
    {
        if (SampleCount(epoch) == 0) return;
        StartPass(epoch, Order(epoch));
        _begun = epoch;
    }

    /// <summary>
    /// Batches of one pass; a batch is valid until the next is asked for. The last one may be smaller. Starting another pass ends an
    /// unfinished one.
    /// </summary>
    /// <param name="epoch">From 1; with the seed it determines order and augmentation. 0: file order, no augmentation (evaluation).</param>
    /// <exception cref="ImageException">A file vanished or broke since the scan; the message names it.</exception>
    /// <exception cref="OperationCanceledException">By <paramref name="cancellationToken"/>, also while waiting for a batch.</exception>
    public IEnumerable<Batch> Read(int epoch, CancellationToken cancellationToken = default) => Read(epoch, 0, cancellationToken);

    /// <summary>The same from a later batch on.</summary>
    /// <param name="skip">Batches at the start that are left out, without being decoded.</param>
    public IEnumerable<Batch> Read(int epoch, int skip, CancellationToken cancellationToken = default)
    {
        var order = Order(epoch)[Math.Min(skip * _options.BatchSize, SampleCount(epoch))..];
        if (order.Length == 0) yield break;
        var samples = Array.ConvertAll(order, index => _options.Samples[index]);
        var pass = skip == 0 && _begun == epoch ? _pass! : StartPass(epoch, order);
        _begun = null;
        try
        {
            for (var batch = 0; batch < BatchCount(epoch) - skip; batch++)
            {
                var rgb = pass.Take(batch, cancellationToken);
                var first = batch * _options.BatchSize;
                yield return new Batch(rgb, new ArraySegment<Sample>(samples, first, Math.Min(_options.BatchSize, samples.Length - first)));
                pass.Release();
            }
        }
        finally
        {
            pass.Dispose();
        }
    }

    /// <summary>Ends an unfinished pass and its threads; its reader gets an <see cref="ObjectDisposedException"/>.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            _pass?.Dispose();
        }
    }

    private DecodeAhead StartPass(int epoch, int[] order)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _pass?.Dispose();
            _buffers ??= Allocate();
            return _pass = new DecodeAhead(_reader, epoch, order, _options.BatchSize, _buffers, _options.Threads);
        }
    }

    /// <summary>Pinned, so that a tensor can look at the bytes without a copy.</summary>
    private byte[][] Allocate()
    {
        var length = checked(Math.Min(_options.BatchSize, _options.Samples.Count) * _reader.Length);
        var buffers = new byte[Math.Clamp(BufferBytes / length, 2, MaxBuffers)][];
        for (var index = 0; index < buffers.Length; index++)
            buffers[index] = GC.AllocateUninitializedArray<byte>(length, pinned: true);
        return buffers;
    }

    private int SampleCount(int epoch)
    {
        var count = _options.Samples.Count;
        var single = epoch > 0 && _options.DropLastIfSingle && _options.BatchSize > 1 && count > 1 && count % _options.BatchSize == 1;
        return single ? count - 1 : count;
    }

    private int[] Order(int epoch)
    {
        var order = epoch > 0 && !_options.KeepsOrder
            ? SampleOrder.Of(_options.Samples, _options.ClassBalance, _options.Seed, epoch)
            : [.. Enumerable.Range(0, _options.Samples.Count)];
        return order[..SampleCount(epoch)];
    }
}

public sealed record BatchLoaderOptions
{
    public required DatasetManifest Manifest { get; init; }
    public required IReadOnlyList<Sample> Samples { get; init; }
    public required int BatchSize { get; init; }

    /// <summary>Side of the squares in pixels.</summary>
    public required int ImageSize { get; init; }

    public required ResizeKind Resize { get; init; }

    /// <summary>Whether JPEGs are decoded in full before they are resized.</summary>
    public bool FullDecode { get; init; }

    public AugmentationOptions Augmentation { get; init; } = AugmentationOptions.None;
    public ClassBalanceKind ClassBalance { get; init; }
    public int Seed { get; init; }
    public int Threads { get; init; } = Math.Max(1, Environment.ProcessorCount / 2);

    /// <summary>
    /// Leaves out a last batch of one sample in training passes (another one every epoch): a batch norm in train mode can't take the
    /// variance of a single value. Not when it is the only batch, and not with batches of one.
    /// </summary>
    public bool DropLastIfSingle { get; init; }

    /// <summary>In the samples' order in training passes too: for augmented views that are kept.</summary>
    public bool KeepsOrder { get; init; }

    /// <summary>Memory for decoded images that need no new decoding (evaluation, and training without crops), in bytes.</summary>
    public long CacheBytes { get; init; } = 1L << 30;

    /// <summary>Where decoded images are kept for later runs and for what is beyond the memory; null: nowhere.</summary>
    public string? CacheFolder { get; init; }

    /// <summary>What the files hold, shared by all loaders of a run; null: only known where something is kept on disk.</summary>
    internal FileContents? Contents { get; init; }
}

/// <param name="Rgb">Bytes (count, size, size, 3); only the first Count images are filled. Pinned.</param>
/// <param name="Samples">The samples in the batch's order.</param>
public sealed record Batch(byte[] Rgb, IReadOnlyList<Sample> Samples)
{
    public int Count => Samples.Count;
}
