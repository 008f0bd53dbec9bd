using Dashboard.Protocol;
using Dashboard.Runs;
using Microsoft.AspNetCore.SignalR;

namespace Dashboard.Api.Watching;

/// <summary>For everyone outside the process who follows a run; pages use their own circuit.</summary>
public sealed class ProgressHub(RunStore runs, ProgressWatchers watchers) : Hub, IProgressHub
{
    /// <exception cref="HubException">There is no such run, or too many are watched over this connection.</exception>
    public async Task Watch(int runId)
    {
        if (await runs.GetAsync(runId, Context.ConnectionAborted) is null)
            throw new HubException($"There is no run {runId}; it may have been deleted.");
        if (!watchers.Watch(Context.ConnectionId, runId))
            throw new HubException($"This connection watches {ProgressWatchers.MaxPerConnection} runs already. Unwatch one, or open "
                + "another connection.");
        // The watcher may have gone while this ran; then nobody would clean up.
        if (Context.ConnectionAborted.IsCancellationRequested) watchers.Forget(Context.ConnectionId);
    }

    public void Unwatch(int runId) => watchers.Unwatch(Context.ConnectionId, runId);

    public override Task OnDisconnectedAsync(Exception? exception)
    {
        watchers.Forget(Context.ConnectionId);
        return base.OnDisconnectedAsync(exception);
    }
}
