using Dashboard.Runs;
using Microsoft.AspNetCore.SignalR;

namespace Dashboard.Api.Watching;

/// <summary>
/// For everyone outside the process who follows a run: <c>Watch(runId)</c> sends a first <c>Progress</c> batch with the state, all epochs
/// and the newest steps, then a batch with what is new, at most ten a second; <c>Unwatch(runId)</c> ends it.
/// </summary>
public sealed class ProgressHub(RunStore runs, ProgressWatchers watchers) : Hub
{
    public const string Path = "/hubs/progress";
    public const string Progress = "Progress";

    /// <exception cref="HubException">There is no such run, or too many are watched over this connection.</exception>
    public async Task Watch(int runId)
    {
        if (await runs.GetAsync(runId, Context.ConnectionAborted) is null)
            throw new HubException($"There is no run {runId}; it may have been deleted.");
        if (!watchers.Watch(Context.ConnectionId, runId))
            throw new HubException($"This connection watches {ProgressWatchers.MaxPerConnection} runs already. Unwatch one, or open "
                + "another connection.");
        // It may have gone while this ran; then nobody would clean up.
        if (Context.ConnectionAborted.IsCancellationRequested) watchers.Forget(Context.ConnectionId);
    }

    public void Unwatch(int runId) => watchers.Unwatch(Context.ConnectionId, runId);

    public override Task OnDisconnectedAsync(Exception? exception)
    {
        watchers.Forget(Context.ConnectionId);
        return base.OnDisconnectedAsync(exception);
    }
}
