namespace Dashboard.Storage;

/// <summary>Paused: nothing runs; a checkpoint waits for somebody to resume it.</summary>
public enum RunState { Queued, Preparing, Training, Completed, Stopped, Failed, Paused }

/// <summary>Which moves between states are legal: the one place.</summary>
public static class RunStates
{
    public static bool IsEnded(this RunState state) => state is RunState.Completed or RunState.Stopped or RunState.Failed;

    public static bool IsLive(this RunState state) => state is RunState.Preparing or RunState.Training;

    public static bool CanMoveTo(this RunState from, RunState to) => (from, to) switch
    {
        (RunState.Queued, RunState.Preparing or RunState.Paused or RunState.Stopped or RunState.Failed) => true,
        (RunState.Preparing, RunState.Training or RunState.Paused or RunState.Completed or RunState.Stopped or RunState.Failed) => true,
        (RunState.Training, RunState.Paused or RunState.Completed or RunState.Stopped or RunState.Failed) => true,
        (RunState.Paused, RunState.Queued or RunState.Stopped) => true,
        // A run whose trainer died goes on from the checkpoint by itself.
        (RunState.Preparing or RunState.Training, RunState.Queued) => true,
        // Resumed from the checkpoint that is left.
        (RunState.Stopped or RunState.Failed, RunState.Queued) => true,
        _ => false,
    };

    /// <summary>Makes the move if it is legal; the only way that a stored run changes its state.</summary>
    /// <param name="reason">Why, in words.</param>
    /// <returns>Whether it was made.</returns>
    public static bool Move(this RunRow run, RunState to, string reason)
    {
        ArgumentNullException.ThrowIfNull(run);
        if (!run.State.CanMoveTo(to)) return false;
        run.State = to;
        run.Reason = reason;
        return true;
    }
}
