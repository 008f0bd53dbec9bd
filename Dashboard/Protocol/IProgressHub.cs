namespace Dashboard.Protocol;

/// <summary>
/// What those call who follow runs from outside: <c>Watch(runId)</c> brings a first <see cref="Message"/> with the state, all epochs and
/// the newest steps, then one with what is new, at most ten a second; <c>Unwatch(runId)</c> ends it.
/// </summary>
public interface IProgressHub
{
    /// <summary>Of the hub.</summary>
    const string Path = "/hubs/progress";

    /// <summary>What the dashboard calls on watchers, with a batch of what is new of one run.</summary>
    const string Message = "Progress";

    /// <summary>Watching a run again begins anew with a first batch.</summary>
    Task Watch(int runId);

    void Unwatch(int runId);
}
