using System.Collections.Concurrent;
using Dashboard.Api.Views;
using Dashboard.Protocol;
using Dashboard.Runs;
using Microsoft.AspNetCore.SignalR;

namespace Dashboard.Api.Watching;

/// <summary>Who watches which run over <see cref="ProgressHub"/>, and how far each has been told.</summary>
public sealed class ProgressWatchers(RunStore runs, RunFeed feed, IHubContext<ProgressHub> hub, TimeProvider time)
{
    public const int MaxPerConnection = 100;

    /// <summary>Steps in one batch: more can't be seen, and a watcher that is behind must not pile up memory.</summary>
    internal const int MaxSteps = 1000;

    private readonly ConcurrentDictionary<string, ConcurrentDictionary<int, Watcher>> _connections = new();

    /// <summary>Watching a run again starts it anew with a first batch.</summary>
    /// <returns>false when the connection watches too many runs.</returns>
    public bool Watch(string connection, int runId)
    {
        var watched = _connections.GetOrAdd(connection, _ => new());
        if (!watched.ContainsKey(runId) && watched.Count >= MaxPerConnection) return false;
        var watcher = new Watcher(this, connection, runId);
        watched.AddOrUpdate(runId, watcher, (_, former) =>
        {
            former.Dispose();
            return watcher;
        });
        watcher.Start();
        return true;
    }

    public void Unwatch(string connection, int runId)
    {
        if (_connections.TryGetValue(connection, out var watched) && watched.TryRemove(runId, out var watcher)) watcher.Dispose();
    }

    public void Forget(string connection)
    {
        if (!_connections.TryRemove(connection, out var watched)) return;
        foreach (var watcher in watched.Values) watcher.Dispose();
    }

    private RunStore Runs => runs;
    private RunFeed Feed => feed;
    private IHubContext<ProgressHub> Hub => hub;
    private TimeProvider Time => time;

    /// <summary>Registered first, so that nothing falls between the first batch and the next.</summary>
    private sealed class Watcher(ProgressWatchers watchers, string connection, int runId) : IDisposable
    {
        private IDisposable? _subscription;
        private bool _first = true;
        private int _step;

        /// <summary>The last one that was told; before the first one less than 0, which is an epoch too.</summary>
        private int _epoch = -1;
        private volatile bool _closed;

        public void Start()
        {
            _subscription = watchers.Feed.Subscribe(runId, TellAsync, atOnce: true);
            if (_closed) _subscription.Dispose();
        }

        public void Dispose()
        {
            _closed = true;
            _subscription?.Dispose();
        }

        /// <summary>Called by the feed, never twice at once; a watcher that takes its batch slowly gets fewer and larger ones.</summary>
        private async Task TellAsync()
        {
            if (_closed) return;
            var run = await watchers.Runs.GetAsync(runId);
            // The row's epoch is 0 before any epoch and after epoch 0; whatever was evaluated first was the best.
            List<EpochPoint> epochs = run is null or { BestEpoch: null, Epoch: 0 } || run.Epoch <= _epoch
                ? []
                : [.. (await watchers.Runs.EpochsAsync(runId)).Where(epoch => epoch.Epoch > _epoch)
                    .Select(epoch => EpochPoint.Of(epoch, run.ValSamples))];
            var steps = run is null ? [] : await watchers.Runs.NewStepsAsync(run, _step, MaxSteps);
            var last = steps.Count > 0 ? steps[^1].Step : _step;
            var batch = new ProgressBatch(
                runId, _first, run is null ? null : RunView.Of(run, watchers.Time.GetUtcNow()),
                epochs, [.. steps.Select(StepPoint.Of)], last - _step - steps.Count);
            await watchers.Hub.Clients.Client(connection).SendAsync(IProgressHub.Message, batch);
            (_first, _step) = (false, last);
            if (epochs.Count > 0) _epoch = epochs[^1].Epoch;
            if (run is null) watchers.Unwatch(connection, runId);
        }
    }
}
