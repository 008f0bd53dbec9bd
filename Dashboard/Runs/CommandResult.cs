using Dashboard.Protocol;
using Dashboard.Storage;
namespace Dashboard.Runs;

/// <summary>
/// What became of something that somebody asked for. A run or machine may be gone or further on than the page that somebody clicked: that
/// is an answer for people, not an error.
/// </summary>
/// <param name="IsFound">false: what was named is gone, or never was.</param>
/// <param name="Problem">Why it could not be done, in a sentence; null when it was, or nothing was left to do.</param>
public sealed record CommandResult(bool IsFound, string? Problem)
{
    public static CommandResult Done { get; } = new(true, null);

    public static CommandResult NotFound { get; } = new(false, null);

    public bool IsDone => IsFound && Problem is null;

    public static CommandResult Refused(string problem) => new(true, problem);
}

/// <summary>What a request to stop or pause a run met.</summary>
/// <param name="Run">As it stands after the request; null when there is no such run.</param>
/// <param name="IsTaken">Something was changed, or its trainer has to be told.</param>
internal sealed record RunRequest(Storage.RunRow? Run, bool IsTaken)
{
    /// <summary>The attempt whose trainer has to hear of it; null when none trains.</summary>
    public AttemptId? Concerned => IsTaken && Run is { } run && run.State.IsLive() ? new AttemptId(run.Id, run.Attempt) : null;
}
