namespace Dashboard.Processes;

/// <summary>
/// Runs what works in the background so that a failure ends neither that work nor the process: it is said by <see cref="PartsHealth"/>, and
/// the work is tried again. Every loop, timer and task that nobody waits for goes through here.
/// </summary>
public sealed class Guard(PartsHealth health, TimeProvider time)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);

    /// <summary>A database that comes back after an hour is not waited for much longer.</summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(15);

    /// <summary>The clock that pauses go by.</summary>
    public TimeProvider Time => time;

    /// <summary>Called before each piece of work; replaced in tests that let it fail.</summary>
    internal Action<string> Before { get; init; } = _ => { };

    /// <summary>Once.</summary>
    /// <param name="part">As people read it, such as "Measuring this machine".</param>
    /// <returns>false when it failed.</returns>
    /// <exception cref="OperationCanceledException">By <paramref name="cancellationToken"/>.</exception>
    public async Task<bool> TryAsync(string part, Func<CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(work);
        try
        {
            Before(part);
            await work(cancellationToken);
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            // Whatever it was, it is being left.
            cancellationToken.ThrowIfCancellationRequested();
        }
        catch (Exception e)
        {
            health.Failed(part, e);
            return false;
        }
        health.Works(part);
        return true;
    }

    /// <summary>Again after each failure, with growing pauses, until it has worked once.</summary>
    /// <param name="backoff">The pauses; null: from a second to a quarter of a minute.</param>
    /// <exception cref="OperationCanceledException">By <paramref name="cancellationToken"/>.</exception>
    public async Task UntilItWorksAsync(
        string part, Func<CancellationToken, Task> work, CancellationToken cancellationToken, Backoff? backoff = null)
    {
        backoff ??= new Backoff(FirstPause, LongestPause);
        while (!await TryAsync(part, work, cancellationToken)) await backoff.WaitAsync(time, cancellationToken);
    }

    /// <summary>Over and over, whatever became of it the last time.</summary>
    /// <exception cref="OperationCanceledException">By <paramref name="cancellationToken"/>: the only way out.</exception>
    public async Task EveryAsync(string part, TimeSpan interval, Func<CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(interval, time);
        do
        {
            await TryAsync(part, work, cancellationToken);
        }
        while (await timer.WaitForNextTickAsync(cancellationToken));
    }

    /// <summary>Once, and nobody waits for it.</summary>
    public void Run(string part, Func<Task> work) => _ = TryAsync(part, _ => work(), CancellationToken.None);

    /// <summary>Says of work that goes on for long that it has got over what it failed of.</summary>
    public void Works(string part) => health.Works(part);
}
