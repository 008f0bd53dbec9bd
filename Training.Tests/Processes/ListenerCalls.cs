namespace Training.Tests.Processes;

/// <summary>A listener to a feed that counts how often it is called, and waits or fails as the test wants it.</summary>
internal sealed class ListenerCalls
{
    private readonly Lock _gate = new();
    private readonly List<(int Count, TaskCompletionSource Reached)> _waiting = [];
    private int _now;

    /// <summary>What each call waits for.</summary>
    public Task During { get; init; } = Task.CompletedTask;
    public bool Throws { get; init; }
    public int Count { get; private set; }
    public int MostAtOnce { get; private set; }

    public async Task AddAsync()
    {
        lock (_gate)
        {
            Count++;
            MostAtOnce = Math.Max(MostAtOnce, ++_now);
            foreach (var (count, reached) in _waiting)
                if (Count >= count) reached.TrySetResult();
        }
        await During;
        lock (_gate) _now--;
        if (Throws) throw new InvalidOperationException("a listener's own failure");
    }

    /// <exception cref="TimeoutException">Not so many within 30 seconds.</exception>
    public Task WaitForAsync(int count)
    {
        lock (_gate)
        {
            if (Count >= count) return Task.CompletedTask;
            var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add((count, reached));
            return reached.Task.WaitAsync(TimeSpan.FromSeconds(30));
        }
    }
}
