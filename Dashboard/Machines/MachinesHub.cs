using Dashboard.Runs;
using Dashboard.Trainers;
using Microsoft.AspNetCore.SignalR;
using Training.Core.Runs;

namespace Dashboard.Machines;

/// <summary>
/// Where trainers report. A connection first attaches to one attempt with its secret; from then on it can speak for that attempt only.
/// </summary>
public sealed partial class MachinesHub(RunStore runs, TrainerLink link, ILogger<MachinesHub> logger) : Hub
{
    public const string Path = "/hubs/machines";

    /// <summary>What the dashboard calls on a trainer that shall stop; no arguments.</summary>
    public const string StopMessage = "Stop";

    /// <summary>What the dashboard calls on a trainer that shall write a checkpoint and leave; no arguments.</summary>
    public const string PauseMessage = "Pause";

    /// <summary>Starts a refusal: no attempt has this number and secret here.</summary>
    public const string UnknownAttempt = "unknown-attempt";

    /// <summary>Starts a refusal: the run has ended or moved on, its trainer has to stop.</summary>
    public const string StaleAttempt = "stale-attempt";

    /// <summary>Far above a full batch of <see cref="TrainerConnection"/>.</summary>
    public const long MaxMessageBytes = 4 << 20;

    private const string AttemptKey = "attempt";

    private (int RunId, int Attempt)? Attached => Context.Items[AttemptKey] as (int, int)?;

    /// <summary>Binds this connection to an attempt, or says why not: a refused trainer asks again and again, too often for exceptions.</summary>
    public async Task<AttachReply> Attach(int runId, int attempt, string token)
    {
        var found = await runs.AttemptAsync(runId, attempt, Context.ConnectionAborted);
        if (found is null || !AttemptToken.Matches(token, found.Value.Attempt.TokenHash))
            return Refuse($"{UnknownAttempt}: the dashboard knows no attempt {attempt} of run {runId} with this secret.");
        if (found.Value.Run.Attempt != attempt)
            return Refuse($"{StaleAttempt}: run {runId} has moved on to attempt {found.Value.Run.Attempt}.");

        Context.Items[AttemptKey] = (runId, attempt);
        await Groups.AddToGroupAsync(Context.ConnectionId, TrainerLink.Group(runId), Context.ConnectionAborted);
        // Read again: a stop asked for before the group was joined would be heard by nobody.
        found = await runs.AttemptAsync(runId, attempt, Context.ConnectionAborted) ?? found;
        var (run, row) = found.Value;
        return new AttachReply(row.LastSequence, run.StopRequested, run.PauseRequested, Over: !run.State.IsLive());
    }

    /// <summary>Stores the entries of the attached attempt that are new.</summary>
    /// <returns>The highest sequence number stored: the acknowledgement.</returns>
    /// <exception cref="HubException"><see cref="StaleAttempt"/>, or the connection has attached to nothing.</exception>
    public async Task<long> Report(IReadOnlyList<JournalEntry> entries)
    {
        if (Attached is not { } attached) throw new HubException($"{UnknownAttempt}: attach to an attempt before you report.");
        try
        {
            // Not the connection's token: what arrived whole is stored even when the trainer is gone by now.
            return await runs.ApplyAsync(attached.RunId, attached.Attempt, entries, CancellationToken.None);
        }
        catch (StaleAttemptException e)
        {
            throw new HubException($"{StaleAttempt}: {e.Message}");
        }
    }

    private AttachReply Refuse(string refusal)
    {
        if (link.IsNewRefusal(refusal)) LogRefused(refusal);
        return new AttachReply(0, StopRequested: false, PauseRequested: false, Over: false, refusal);
    }

    [LoggerMessage(LogLevel.Warning, "A trainer was refused; it is not told of again. {Refusal}")]
    private partial void LogRefused(string refusal);
}

/// <param name="LastSequence">The highest sequence number that is stored; the trainer goes on after it.</param>
/// <param name="StopRequested">Somebody asked the run to stop while the trainer was away.</param>
/// <param name="PauseRequested">The same for a pause.</param>
/// <param name="Over">The run has ended or rests here: nothing more is taken.</param>
/// <param name="Refusal">Why the connection was not bound, beginning with <see cref="MachinesHub.UnknownAttempt"/> or <see cref="MachinesHub.StaleAttempt"/>; null when it was.</param>
public sealed record AttachReply(long LastSequence, bool StopRequested, bool PauseRequested, bool Over, string? Refusal = null);
