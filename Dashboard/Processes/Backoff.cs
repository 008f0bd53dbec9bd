namespace Dashboard.Processes;

/// <summary>
/// How long to wait before something that failed is tried again: twice as long each time, up to a longest pause. Chance shortens each
/// pause by up to a quarter, so that many who lost the same thing at the same moment don't all come back at the same moment.
/// Not thread-safe.
/// </summary>
/// <param name="first">More than zero.</param>
/// <param name="longest">At least <paramref name="first"/>.</param>
public sealed class Backoff(TimeSpan first, TimeSpan longest)
{
    /// <summary>Part of a pause, 0–1.</summary>
    private const double Spread = 0.25;

    /// <summary>Null: the first.</summary>
    private TimeSpan? _pause;

    /// <summary>The next pause, and the one after it is longer.</summary>
    public TimeSpan Next()
    {
        var pause = _pause ?? first;
        _pause = pause * 2 < longest ? pause * 2 : longest;
        return pause * (1 - Spread * Random.Shared.NextDouble());
    }

    public Task WaitAsync(TimeProvider time, CancellationToken cancellationToken) => Task.Delay(Next(), time, cancellationToken);

    /// <summary>It has worked: the next failure is a first one.</summary>
    public void Reset() => _pause = null;
}
