using Dashboard.Dispatch.Words;
using Dashboard.Machines;
using Dashboard.Machines.Devices;
using Dashboard.Processes;
using Dashboard.Protocol;
using Dashboard.Runs;
using Dashboard.Storage;
using Dashboard.Storage.Outages;
using Microsoft.Extensions.Options;

namespace Dashboard.Dispatch;

/// <summary>The only door for what people do with machines: page and API alike.</summary>
public sealed partial class MachineService(
    MachineStore machines, MachineRegistry registry, MachineContacts contacts, RunStore runs, RunService door, LocalMachine here,
    IOptions<DashboardOptions> options,
    ILogger<MachineService> logger)
{
    /// <summary>All machines that joined or reported, with what they last said of themselves, by name.</summary>
    public async Task<IReadOnlyList<MachineView>> ListAsync(CancellationToken cancellationToken = default)
    {
        var joined = (await machines.ListAsync(cancellationToken)).ToDictionary(row => row.Name);
        foreach (var report in registry.Machines) joined.TryAdd(report.Name, new MachineRow { Name = report.Name, JoinedAt = report.At });
        var rows = joined.Values.OrderBy(row => row.Name, StringComparer.OrdinalIgnoreCase).Select(row => (Row: row, Away: AwaySince(row)))
            .ToList();
        // Only where a machine can't say itself what it trains.
        IReadOnlyList<RunRow> reporting = rows.Any(each => each.Away is not null) ? await ReportingAsync(cancellationToken) : [];
        return [.. rows.Select(each => View(each.Row, each.Away, reporting))];
    }

    /// <summary>The live runs whose trainers are connected: a trainer reports by itself, also while its machine's agent is away.</summary>
    private async Task<IReadOnlyList<RunRow>> ReportingAsync(CancellationToken cancellationToken) =>
        [.. (await runs.LiveAsync(cancellationToken)).Where(run => contacts.TrainerAwaySince(run.Id, run.Attempt) is null)];

    /// <summary>One that never connected here was last seen before this dashboard began.</summary>
    private DateTimeOffset? AwaySince(MachineRow row) =>
        IsHere(row.Name) || row.KeyHash.Length == 0 && row.Kind == MachineKind.Computer && !options.Value.IsOneOfSeveral ? null
            : contacts.MachineAwaySince(row.Name) is { } since ? (row.LastSeenAt < since ? row.LastSeenAt : since) : null;

    private MachineView View(MachineRow row, DateTimeOffset? away, IReadOnlyList<RunRow> reporting)
    {
        var report = registry.Get(row.Name) ?? MachineStore.ReportOf(row);
        var goOn = away is null ? [] : reporting.Where(run => run.Machine == row.Name).ToList();
        return new MachineView(
            row.Name, row.Mode, row.LeaseSeconds, IsHere(row.Name) ? ProgramVersion.Text
            : row.Version, row.JoinedAt, away, IsHere(row.Name), away is null ? report : report?.WhileAway(RunOn(report, goOn)), row.Kind)
        { GoOn = [.. goOn.Select(run => run.Id)] };
    }

    /// <summary>Runs by device: a run that hasn't said yet on which one it trains has the first one that is left.</summary>
    private static Func<DeviceReport, int?> RunOn(MachineReport report, IReadOnlyList<RunRow> runs)
    {
        var byDevice = new Dictionary<string, int>();
        foreach (var run in runs.OrderBy(run => report.Devices.All(device => device.Id != run.Device)))
        {
            var free = report.Devices.Where(device => device.CanTrain && !byDevice.ContainsKey(device.Id)).ToList();
            if ((free.Find(device => device.Id == run.Device) ?? free.FirstOrDefault()) is { } its) byDevice[its.Id] = run.Id;
        }
        return device => byDevice.TryGetValue(device.Id, out var run) ? run : null;
    }

    /// <summary>Pausing a machine also pauses what it trains: each run writes a checkpoint and waits to be resumed.</summary>
    /// <returns>
    /// The machine takes nothing from then on in any case; the sentence names the runs that could not be paused, all others are.
    /// </returns>
    public async Task<CommandResult> SetModeAsync(string name, MachineMode mode, CancellationToken cancellationToken = default)
    {
        if (!await machines.SetModeAsync(name, mode, cancellationToken)) return CommandResult.NotFound;
        if (mode != MachineMode.Paused) return CommandResult.Done;
        List<string> failed = [];
        foreach (var (run, _) in await runs.LiveOnAsync(name, cancellationToken))
        {
            try
            {
                // One that is being stopped, or has just ended, frees its device by itself.
                await door.PauseAsync(run.Id, cancellationToken);
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                LogNotPaused(e, name, run.Id);
                failed.Add(MachineCommandWords.Unpaused(run.Name, Why(e)));
            }
        }
        return failed.Count == 0
            ? CommandResult.Done
            : CommandResult.Refused(MachineCommandWords.NotAllPaused(name, failed));
    }

    private static string Why(Exception e) =>
        Outage.Of(e) is null ? RefusalException.WordsOf(e) ?? MachineCommandWords.Fault : Outage.NotDone(e);

    /// <inheritdoc cref="MachineStore.SetLeaseAsync"/>
    public Task<bool> SetLeaseAsync(string name, TimeSpan lease, CancellationToken cancellationToken = default) =>
        machines.SetLeaseAsync(name, lease, cancellationToken);

    /// <summary>The machine's secret opens nothing from now on; what it trains goes on elsewhere, and its history stays.</summary>
    /// <returns>Refused for the dashboard's own machine, or that of another dashboard that runs.</returns>
    public async Task<CommandResult> RemoveAsync(string name, CancellationToken cancellationToken = default)
    {
        if (IsHere(name))
            return CommandResult.Refused(MachineCommandWords.OwnMachineStays);
        if (await machines.GetAsync(name, cancellationToken) is { KeyHash.Length: 0 } && contacts.MachineAwaySince(name) is null)
            return CommandResult.Refused(MachineCommandWords.OtherDashboardsMachineStays);
        if (!await machines.RemoveAsync(name, cancellationToken)) return CommandResult.NotFound;
        registry.Forget(name);
        foreach (var (run, attempt) in await runs.LiveOnAsync(name, cancellationToken))
            await runs.DieAsync(run.Id, attempt.Number, AttemptWords.MachineRemovedFromDashboard(name),
                File.Exists(options.Value.RunFolder(run.Id).Checkpoint), cancellationToken);
        return CommandResult.Done;
    }

    private bool IsHere(string name) => options.Value.TrainHere && name == here.Name;

    [LoggerMessage(LogLevel.Error, "{Machine} is paused, but its run {RunId} could not be")]
    private partial void LogNotPaused(Exception exception, string machine, int runId);
}

/// <summary>A machine as page and API show it.</summary>
/// <param name="Report">What it last said of itself; null when it never did.</param>
/// <param name="AwaySince">Null while it is connected.</param>
/// <param name="IsHere">The dashboard's own.</param>
public sealed record MachineView(
    string Name, MachineMode Mode, int LeaseSeconds, string Version, DateTimeOffset JoinedAt, DateTimeOffset? AwaySince, bool IsHere,
    MachineReport? Report,
    MachineKind Kind = MachineKind.Computer)
{
    /// <summary>While it is away: the runs that go on there, since their trainers report by themselves.</summary>
    public IReadOnlyList<int> GoOn { get; init; } = [];
}
