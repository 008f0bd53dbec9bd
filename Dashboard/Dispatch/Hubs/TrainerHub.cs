using Dashboard.Access.Doors;
using Dashboard.Dispatch.Words;
using Dashboard.Machines;
using Dashboard.Protocol;
using Dashboard.Runs;
using Dashboard.Runs.Events;
using Dashboard.Storage;
using Microsoft.AspNetCore.SignalR;
using Training.Core.Runs;

namespace Dashboard.Dispatch.Hubs;

/// <summary>
/// Where trainers report. A trainer needs no machine's secret: it attaches to its attempt with the attempt's own. Machines and trainers of
/// any earlier version come to one address, so <see cref="MachineHub"/> is what stands there and answers these calls too.
/// </summary>
internal abstract partial class TrainerHub(
    RunStore runs, MachineContacts contacts, RefusalLog refusals, TimeProvider time, ILogger<TrainerHub> logger) : Hub, ITrainerHub
{
    private const string PlanKey = "plan";
    private const string ClockKey = "clock";

    protected RunStore Runs => runs;

    protected MachineContacts Contacts => contacts;

    protected TimeProvider Time => time;

    private (int RunId, int Attempt)? Attached => Sender.Attempt(Context);

    /// <summary>A refused trainer asks again and again, too often for exceptions: the answer says why it is refused.</summary>
    public async Task<AttachReply> Attach(int runId, int attempt, string token)
    {
        var found = await runs.AttemptAsync(runId, attempt, Context.ConnectionAborted);
        if (found is null || !AttemptToken.Matches(token, found.Value.Attempt.TokenHash))
            return Refuse(HubWords.AttemptUnknown(runId, attempt));
        if (found.Value.Run.Attempt != attempt)
            return Refuse(HubWords.HasMovedOn(runId, found.Value.Run.Attempt));

        Sender.SetAttempt(Context, runId, attempt);
        contacts.TrainerCame(runId, attempt, Context.ConnectionId);
        await Groups.AddToGroupAsync(Context.ConnectionId, HubGroups.Of(new AttemptId(runId, attempt)), Context.ConnectionAborted);
        // Read again: a stop asked for before the group was joined would be heard by nobody.
        found = await runs.AttemptAsync(runId, attempt, Context.ConnectionAborted) ?? found;
        var (run, row) = found.Value;
        // The run may have moved on meanwhile: what is asked of its next attempt is not for this one.
        if (run.Attempt != attempt) return Refuse(HubWords.HasMovedOn(runId, run.Attempt));
        Context.Items[PlanKey] = RunPlan.Of(run);
        return new AttachReply(row.LastSequence, run.StopRequested, run.PauseRequested, Over: !run.State.IsLive());
    }

    public void Clock(DateTimeOffset now) => Context.Items[ClockKey] = time.GetUtcNow() - now;

    /// <exception cref="HubException"><see cref="MachineProtocol.StaleAttempt"/>, or the connection has attached to nothing.</exception>
    public async Task<long> Report(IReadOnlyList<JournalEntry> entries)
    {
        if (Attached is not { } attached) throw Refusal(HubWords.AttachFirst);
        try
        {
            // Not the connection's token: what arrived whole is stored even when the trainer is gone by now.
            var plan = (Context.Items[PlanKey] as RunPlan? ?? default).Check(entries);
            var last = await runs.ApplyAsync(attached.RunId, attached.Attempt, OnTime(entries), CancellationToken.None);
            Context.Items[PlanKey] = plan;
            return last;
        }
        catch (StaleAttemptException e)
        {
            throw Refusal(HubWords.Stale(e.Message));
        }
    }

    public override Task OnDisconnectedAsync(Exception? exception)
    {
        if (Attached is { } attached) contacts.TrainerWent(attached.RunId, Context.ConnectionId);
        return base.OnDisconnectedAsync(exception);
    }

    /// <summary>The entries with times of the dashboard's clock.</summary>
    protected IReadOnlyList<JournalEntry> OnTime(IReadOnlyList<JournalEntry> entries)
    {
        ArgumentNullException.ThrowIfNull(entries);
        return EventClock.Set(entries, Context.Items[ClockKey] as TimeSpan? ?? TimeSpan.Zero, time.GetUtcNow());
    }

    protected HubException Refusal(string words)
    {
        Note(words);
        return new HubException(words);
    }

    /// <summary>Notes a refusal in the log, once for each sender and reason.</summary>
    /// <param name="name">As the caller names the machine, if it does.</param>
    protected void Note(string refusal, string? name = null)
    {
        var who = Sender.Machine(Context) ?? (name is null ? "A trainer" : $"“{ForeignText.Line(name, MachineStore.MaxName)}”");
        var address = Sender.Address(Context);
        if (refusals.IsNew($"{who} {address} {refusal}")) LogRefused(who, address, ForeignText.Line(refusal));
    }

    private AttachReply Refuse(string refusal)
    {
        Note(refusal);
        return new AttachReply(0, StopRequested: false, PauseRequested: false, Over: false, refusal);
    }

    [LoggerMessage(LogLevel.Warning, "{Machine} at {Address} was refused; it is not told of again. {Refusal}")]
    private partial void LogRefused(string machine, string address, string refusal);
}
