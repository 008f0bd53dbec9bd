using Dashboard.Contact;
using Dashboard.Dispatch;
using Dashboard.Events;
using Dashboard.Protocol;
using Dashboard.Runs;
using Dashboard.Trainers;
using Microsoft.AspNetCore.SignalR;
using Training.Core.Runs;

namespace Dashboard.Machines;

/// <summary>
/// Where machines get their runs and trainers report. A connection first joins as a machine or attaches to one attempt, each with its secret;
/// from then on it can speak for that machine, or that attempt, only.
/// </summary>
public sealed partial class MachinesHub(
    RunStore runs, RefusalLog refusals, MachineStore machines, MachineRegistry registry, MachineContacts contacts, IServiceProvider services,
    ILogger<MachinesHub> logger) : Hub
{
    public const string Path = "/hubs/machines";

    /// <summary>Raised whenever a machine and a dashboard would misunderstand each other.</summary>
    public const int Protocol = 1;

    /// <summary>What the dashboard calls on machines when there may be something to take; no arguments.</summary>
    public const string LookMessage = "Look";

    /// <summary>All machines that are connected.</summary>
    internal const string MachinesGroup = "machines";

    /// <summary>Starts a refusal: the machine was removed, its secret is wrong, or it has not joined.</summary>
    public const string UnknownMachine = "unknown-machine";

    /// <summary>Both sides ping so often, and notice within <see cref="Silence"/> that the other one is gone.</summary>
    public static readonly TimeSpan Ping = TimeSpan.FromSeconds(2);

    public static readonly TimeSpan Silence = TimeSpan.FromSeconds(8);

    /// <summary>Within this a connection has said which protocol it speaks.</summary>
    public static readonly TimeSpan HandshakeTime = TimeSpan.FromSeconds(10);

    /// <summary>What a machine says of itself is kept so often for when it is away.</summary>
    private const int ReportsBetweenKept = 30;

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

    private const string PlanKey = "plan";
    private const string VersionKey = "version";
    private const string ReportsKey = "reports";
    private const string ClockKey = "clock";

    // Not a constructor's parameter: what it is made of is internal.
    private RunDispatch Dispatch => services.GetRequiredService<RunDispatch>();

    private (int RunId, int Attempt)? Attached => Sender.Attempt(Context);

    /// <summary>Binds this connection to an attempt, or says why not: a refused trainer asks again and again, too often for exceptions.</summary>
    public async Task<AttachReply> Attach(int runId, int attempt, string token)
    {
        var found = await runs.AttemptAsync(runId, attempt, Context.ConnectionAborted);
        if (found is null || !AttemptToken.Matches(token, found.Value.Attempt.TokenHash))
            return Refuse($"{UnknownAttempt}: the dashboard knows no attempt {attempt} of run {runId} with this secret.");
        if (found.Value.Run.Attempt != attempt)
            return Refuse($"{StaleAttempt}: run {runId} has moved on to attempt {found.Value.Run.Attempt}.");

        Sender.SetAttempt(Context, runId, attempt);
        contacts.TrainerCame(runId, attempt, Context.ConnectionId);
        await Groups.AddToGroupAsync(Context.ConnectionId, TrainerLink.Group(new AttemptId(runId, attempt)), Context.ConnectionAborted);
        // Read again: a stop asked for before the group was joined would be heard by nobody.
        found = await runs.AttemptAsync(runId, attempt, Context.ConnectionAborted) ?? found;
        var (run, row) = found.Value;
        // It may have moved on meanwhile: what is asked of its next attempt is not for this one.
        if (run.Attempt != attempt) return Refuse($"{StaleAttempt}: run {runId} has moved on to attempt {run.Attempt}.");
        Context.Items[PlanKey] = RunPlan.Of(run);
        return new AttachReply(row.LastSequence, run.StopRequested, run.PauseRequested, Over: !run.State.IsLive());
    }

    /// <summary>What the clock of this connection's computer says now: the times of its events are set right by it.</summary>
    public void Clock(DateTimeOffset now) => Context.Items[ClockKey] = Time.GetUtcNow() - now;

    /// <summary>Stores the entries of the attached attempt that are new.</summary>
    /// <returns>The highest sequence number stored: the acknowledgement.</returns>
    /// <exception cref="HubException"><see cref="StaleAttempt"/>, or the connection has attached to nothing.</exception>
    public async Task<long> Report(IReadOnlyList<JournalEntry> entries)
    {
        if (Attached is not { } attached) throw Refusal($"{UnknownAttempt}: attach to an attempt before you report.");
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
            throw Refusal($"{StaleAttempt}: {e.Message}");
        }
    }

    /// <summary>Binds this connection to a machine, or says why not.</summary>
    /// <param name="secret">Of the machine itself, or a token that lets machines join.</param>
    public async Task<JoinReply> Join(string name, string secret, string version, int protocol)
    {
        if (protocol != Protocol || version != ProgramVersion.Text)
            return Refuse(name, $"This machine runs version {ForeignText.Line(version, 100)} and the dashboard {ProgramVersion.Text}: bring both to the same version.");
        var known = await machines.AuthenticateAsync(secret, Context.ConnectionAborted);
        string? key = null;
        if (known is null)
        {
            (key, var refusal) = await machines.JoinAsync(secret, name, version, Context.ConnectionAborted);
            if (refusal is not null) return Refuse(name, refusal);
            known = await machines.AuthenticateAsync(key!, Context.ConnectionAborted);
        }
        if (known is null) return Refuse(name, "The machine was removed while it joined.");
        Sender.SetMachine(Context, known.Name);
        Context.Items[VersionKey] = version;
        contacts.MachineCame(known.Name, Context.ConnectionId);
        await Groups.AddToGroupAsync(Context.ConnectionId, MachinesGroup, Context.ConnectionAborted);
        return new JoinReply(known.Name, key, null);
    }

    /// <summary>What the machine measured of itself; its name and the time are the dashboard's.</summary>
    public async Task ReportMachine(MachineReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        var machine = await MachineAsync();
        var own = report with { Name = machine, At = Time.GetUtcNow() };
        registry.Report(own);
        var reports = Context.Items[ReportsKey] as int? ?? 0;
        Context.Items[ReportsKey] = (reports + 1) % ReportsBetweenKept;
        if (reports == 0) await machines.SeenAsync(own, Context.Items[VersionKey] as string ?? "", Context.ConnectionAborted);
    }

    /// <summary>Attempts that the machine should be training.</summary>
    public async Task<IReadOnlyList<Assignment>> Live() => await Dispatch.LiveAsync(await MachineAsync(), Context.ConnectionAborted);

    /// <summary>The next run for a free device of the machine; null when none waits.</summary>
    public async Task<Assignment?> Take(string device) => await Dispatch.TakeAsync(await MachineAsync(), device, Context.ConnectionAborted);

    public async Task<bool> Launched(Assignment assignment)
    {
        ArgumentNullException.ThrowIfNull(assignment);
        await Dispatch.LaunchedAsync(await OwnerAsync(assignment.RunId, assignment.Attempt), assignment, Context.ConnectionAborted);
        return true;
    }

    /// <summary>What the machine does for an attempt before its trainer runs.</summary>
    /// <param name="fraction">How far it is, 0–1.</param>
    public async Task<bool> Phase(int runId, int attempt, string words, double fraction) =>
        await Dispatch.SetPhaseAsync(await OwnerAsync(runId, attempt), runId, attempt, words, fraction, Context.ConnectionAborted);

    /// <summary>How an attempt of the machine stands; null when it has none such.</summary>
    public async Task<Standing?> Stand(int runId, int attempt) => await Dispatch.StandingAsync(await OwnerAsync(runId, attempt), runId, attempt, Context.ConnectionAborted);

    /// <summary>Stores what a dead trainer of the machine left in its journal.</summary>
    /// <returns>The highest sequence number stored.</returns>
    /// <exception cref="HubException"><see cref="StaleAttempt"/>.</exception>
    public async Task<long> Replay(int runId, int attempt, IReadOnlyList<JournalEntry> entries)
    {
        try
        {
            return await Dispatch.ApplyAsync(await OwnerAsync(runId, attempt), runId, attempt, OnTime(entries), CancellationToken.None);
        }
        catch (StaleAttemptException e)
        {
            throw Refusal($"{StaleAttempt}: {e.Message}");
        }
    }

    /// <summary>Ends an attempt of the machine whose trainer is gone.</summary>
    public async Task<bool> End(int runId, int attempt, AttemptEnd end)
    {
        await Dispatch.EndAsync(await OwnerAsync(runId, attempt), runId, attempt, end, CancellationToken.None);
        return true;
    }

    public override async Task OnDisconnectedAsync(Exception? exception)
    {
        if (Attached is { } attached) contacts.TrainerWent(attached.RunId, Context.ConnectionId);
        if (Sender.Machine(Context) is { } machine)
        {
            contacts.MachineWent(machine, Context.ConnectionId);
            // Back on another connection already, or away: then nobody knows what it does.
            if (contacts.MachineAwaySince(machine) is not null && registry.Get(machine) is { } last)
            {
                registry.Report(last.WhileAway());
                await machines.SeenAsync(last.WhileAway(), Context.Items[VersionKey] as string ?? "");
            }
        }
        await base.OnDisconnectedAsync(exception);
    }

    private TimeProvider Time => services.GetRequiredService<TimeProvider>();

    /// <summary>The machine that this connection speaks for; asked anew each time, so that a removed one is out at once.</summary>
    private async Task<string> MachineAsync()
    {
        if (Sender.Machine(Context) is { } name && await machines.GetAsync(name, Context.ConnectionAborted) is not null) return name;
        throw Refusal($"{UnknownMachine}: join first; a machine that was removed needs a new token.");
    }

    /// <summary>The same, with a line in the log when it asks for an attempt that isn't its own: it gets no further with that.</summary>
    private async Task<string> OwnerAsync(int runId, int attempt)
    {
        var machine = await MachineAsync();
        if (await runs.AttemptAsync(runId, attempt, Context.ConnectionAborted) is not var (_, row) || row.Machine != machine)
            Note($"Attempt {attempt} of run {runId} is not one of its own.");
        return machine;
    }

    private IReadOnlyList<JournalEntry> OnTime(IReadOnlyList<JournalEntry> entries)
    {
        ArgumentNullException.ThrowIfNull(entries);
        return EventClock.Set(entries, Context.Items[ClockKey] as TimeSpan? ?? TimeSpan.Zero, Time.GetUtcNow());
    }

    private JoinReply Refuse(string name, string refusal)
    {
        Note(refusal, name);
        return new JoinReply(null, null, refusal);
    }

    private AttachReply Refuse(string refusal)
    {
        Note(refusal);
        return new AttachReply(0, StopRequested: false, PauseRequested: false, Over: false, refusal);
    }

    private HubException Refusal(string words)
    {
        Note(words);
        return new HubException(words);
    }

    private void Note(string refusal, string? name = null)
    {
        var who = Sender.Machine(Context) ?? (name is null ? "A trainer" : $"“{ForeignText.Line(name, MachineStore.MaxName)}”");
        var address = Sender.Address(Context);
        if (refusals.IsNew($"{who} {address} {refusal}")) LogRefused(who, address, ForeignText.Line(refusal));
    }

    [LoggerMessage(LogLevel.Warning, "{Machine} at {Address} was refused; it is not told of again. {Refusal}")]
    private partial void LogRefused(string machine, string address, string refusal);
}

/// <param name="Name">As the dashboard knows the machine.</param>
/// <param name="Key">The machine's own secret, when it joined just now; it is not told again.</param>
/// <param name="Refusal">Why it may not; null when it may.</param>
public sealed record JoinReply(string? Name, string? Key, string? Refusal) : IAdmission;

/// <param name="LastSequence">The highest sequence number that is stored; the trainer goes on after it.</param>
/// <param name="StopRequested">Somebody asked the run to stop while the trainer was away.</param>
/// <param name="PauseRequested">The same for a pause.</param>
/// <param name="Over">The run has ended or rests here: nothing more is taken.</param>
/// <param name="Refusal">Why the connection was not bound, beginning with <see cref="MachinesHub.UnknownAttempt"/> or <see cref="MachinesHub.StaleAttempt"/>; null when it was.</param>
public sealed record AttachReply(long LastSequence, bool StopRequested, bool PauseRequested, bool Over, string? Refusal = null) : IAdmission;
