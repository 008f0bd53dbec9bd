namespace Dashboard.Dispatch.Agent;

/// <summary>
/// Something that comes and goes. Whoever waits while it is gone gets the next one, however often it almost came. Thread-safe.
/// </summary>
internal sealed class Presence<T> where T : class
{
    private readonly Lock _gate = new();
    private TaskCompletionSource<T> _here = New();

    public Task<T> WaitAsync(CancellationToken cancellationToken)
    {
        lock (_gate) return _here.Task.WaitAsync(cancellationToken);
    }

    public void Came(T value)
    {
        lock (_gate)
        {
            if (_here.Task.IsCompleted) _here = New();
            _here.SetResult(value);
        }
    }

    /// <summary>One that had not come changes nothing: those who wait must not be left with what nobody completes.</summary>
    public void Went()
    {
        lock (_gate)
            if (_here.Task.IsCompleted) _here = New();
    }

    private static TaskCompletionSource<T> New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
