namespace Training.Core.Images;

/// <summary>
/// How much memory images take while they are decoded, all threads of the process together: what doesn't fit waits, in the order in which
/// it came. One that needs more than the whole is decoded alone. Thread-safe.
/// </summary>
/// <param name="bytes">At once.</param>
internal sealed class DecodeBudget(long bytes)
{
    private readonly object _gate = new();
    private readonly LinkedList<object> _waiting = [];
    private long _taken;

    /// <summary>Of pixels, and what a decoder keeps besides them: a quarter of the memory that the process may use, 1 GB at most.</summary>
    public static DecodeBudget OfPixels { get; } = new(Math.Clamp(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4, 64L << 20, 1L << 30));

    /// <summary>Of files that are being decoded. Always taken before <see cref="OfPixels"/>, so that nobody waits in a circle.</summary>
    public static DecodeBudget OfFiles { get; } = new(ImageDecoder.MaxBytes);

    public long Bytes { get; } = bytes;

    /// <summary>Waits until so much is free; to be given back by <see cref="Release"/> with the same number, by any thread.</summary>
    /// <exception cref="OperationCanceledException">By <paramref name="cancellationToken"/>, while waiting.</exception>
    public void Take(long bytes, CancellationToken cancellationToken)
    {
        var share = Math.Min(bytes, Bytes);
        lock (_gate)
        {
            if (_waiting.Count == 0 && TryTake(share)) return;
        }
        using var wake = cancellationToken.Register(Wake);
        lock (_gate)
        {
            var place = _waiting.AddLast(new object());
            try
            {
                while (_waiting.First != place || !TryTake(share))
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    Monitor.Wait(_gate);
                }
            }
            finally
            {
                _waiting.Remove(place);
                Monitor.PulseAll(_gate);
            }
        }
    }

    public void Release(long bytes)
    {
        lock (_gate)
        {
            _taken -= Math.Min(bytes, Bytes);
            Monitor.PulseAll(_gate);
        }
    }

    private bool TryTake(long share)
    {
        if (_taken + share > Bytes) return false;
        _taken += share;
        return true;
    }

    private void Wake()
    {
        lock (_gate) Monitor.PulseAll(_gate);
    }
}
