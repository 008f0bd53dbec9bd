using Dashboard.Storage;

namespace Dashboard.Runs.Events;

/// <summary>
/// One writer at a time per run, without blocking a thread. SQLite has one writer anyway: waiting here is fairer and cheaper than in
/// its busy handler, so all runs share one gate there.
/// </summary>
internal sealed class RunWriteGate
{
    private readonly SemaphoreSlim[] _stripes = [.. Enumerable.Range(0, 64).Select(_ => new SemaphoreSlim(1))];

    public async Task<IDisposable> EnterAsync(DashboardDb db, int runId, CancellationToken cancellationToken)
    {
        var stripe = _stripes[db is SqliteDb ? 0 : (uint)runId % _stripes.Length];
        await stripe.WaitAsync(cancellationToken);
        return new Pass(stripe);
    }

    private sealed class Pass(SemaphoreSlim stripe) : IDisposable
    {
        public void Dispose() => stripe.Release();
    }
}
