using Dashboard.Access.Doors;
using Dashboard.Dispatch.Words;
using Dashboard.Machines;
using Dashboard.Protocol;
using Dashboard.Runs;
using Microsoft.AspNetCore.SignalR;
using Training.Core.Runs;

namespace Dashboard.Dispatch.Hubs;

/// <summary>Where machines get their runs, and say what they measure of themselves and how their attempts end.</summary>
internal sealed class MachineHub(
    RunStore runs, RunDispatch dispatch, MachineStore machines, MachineRegistry registry, MachineContacts contacts, RefusalLog refusals,
    TimeProvider time, ILogger<TrainerHub> logger) : TrainerHub(runs, contacts, refusals, time, logger), IMachineHub
{
    /// <summary>What a machine says of itself is kept so often for when it is away.</summary>
    private const int ReportsBetweenKept = 30;

    private const string VersionKey = "version";
    private const string ReportsKey = "reports";

    public async Task<JoinReply> Join(string name, string secret, string version, int protocol)
    {
        if (protocol != MachineProtocol.Version || version != ProgramVersion.Text)
            return Refuse(name, HubWords.OtherVersion(ForeignText.Line(version, 100), ProgramVersion.Text));
        var known = await machines.AuthenticateAsync(secret, Context.ConnectionAborted);
        string? key = null;
        if (known is null)
        {
            (key, var refusal) = await machines.JoinAsync(secret, name, version, Context.ConnectionAborted);
            if (refusal is not null) return Refuse(name, refusal);
            known = await machines.AuthenticateAsync(key!, Context.ConnectionAborted);
        }
        if (known is null) return Refuse(name, HubWords.RemovedWhileJoining);
        Sender.SetMachine(Context, known.Name);
        Context.Items[VersionKey] = version;
        Contacts.MachineCame(known.Name, Context.ConnectionId);
        await Groups.AddToGroupAsync(Context.ConnectionId, HubGroups.Machines, Context.ConnectionAborted);
        return new JoinReply(known.Name, key, null);
    }

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

    public async Task<IReadOnlyList<Assignment>> Live() => await dispatch.LiveAsync(await MachineAsync(), Context.ConnectionAborted);

    public async Task<Assignment?> Take(string device) => await dispatch.TakeAsync(await MachineAsync(), device, Context.ConnectionAborted);

    public async Task<bool> Launched(Assignment assignment)
    {
        ArgumentNullException.ThrowIfNull(assignment);
        await dispatch.LaunchedAsync(await OwnerAsync(assignment.RunId, assignment.Attempt), assignment, Context.ConnectionAborted);
        return true;
    }

    public async Task<bool> Phase(int runId, int attempt, string words, double fraction) =>
        await dispatch.SetPhaseAsync(await OwnerAsync(runId, attempt), runId, attempt, words, fraction, Context.ConnectionAborted);

    public async Task<Standing?> Stand(int runId, int attempt) =>
        await dispatch.StandingAsync(await OwnerAsync(runId, attempt), runId, attempt, Context.ConnectionAborted);

    /// <exception cref="HubException"><see cref="MachineProtocol.StaleAttempt"/>.</exception>
    public async Task<long> Replay(int runId, int attempt, IReadOnlyList<JournalEntry> entries)
    {
        try
        {
            return await dispatch.ApplyAsync(await OwnerAsync(runId, attempt), runId, attempt, OnTime(entries), CancellationToken.None);
        }
        catch (StaleAttemptException e)
        {
            throw Refusal(HubWords.Stale(e.Message));
        }
    }

    public async Task<bool> End(int runId, int attempt, AttemptEnd end)
    {
        await dispatch.EndAsync(await OwnerAsync(runId, attempt), runId, attempt, end, CancellationToken.None);
        return true;
    }

    public override async Task OnDisconnectedAsync(Exception? exception)
    {
        if (Sender.Machine(Context) is { } machine)
        {
            Contacts.MachineWent(machine, Context.ConnectionId);
            // Back on another connection already, or away: then nobody knows what it does.
            if (Contacts.MachineAwaySince(machine) is not null && registry.Get(machine) is { } last)
            {
                registry.Report(last.WhileAway());
                await machines.SeenAsync(last.WhileAway(), Context.Items[VersionKey] as string ?? "");
            }
        }
        await base.OnDisconnectedAsync(exception);
    }

    /// <summary>The machine that this connection speaks for; asked anew each time, so that a removed one is out at once.</summary>
    private async Task<string> MachineAsync()
    {
        if (Sender.Machine(Context) is { } name && await machines.GetAsync(name, Context.ConnectionAborted) is not null) return name;
        throw Refusal(HubWords.JoinFirst);
    }

    /// <summary>The same, with a line in the log when it asks for an attempt that isn't its own: it gets no further with that.</summary>
    private async Task<string> OwnerAsync(int runId, int attempt)
    {
        var machine = await MachineAsync();
        if (await Runs.AttemptAsync(runId, attempt, Context.ConnectionAborted) is not var (_, row) || row.Machine != machine)
            Note(HubWords.NotItsOwn(runId, attempt));
        return machine;
    }

    private JoinReply Refuse(string name, string refusal)
    {
        Note(refusal, name);
        return new JoinReply(null, null, refusal);
    }
}
