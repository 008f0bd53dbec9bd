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
        return [.. joined.Values.OrderBy(row => row.Name, StringComparer.OrdinalIgnoreCase).Select(View)];
    }

    private MachineView View(MachineRow row)
    {
        var report = registry.Get(row.Name) ?? MachineStore.ReportOf(row);
        // One that never connected here was last seen before this dashboard began.
        var away = IsHere(row.Name) || row.KeyHash.Length == 0 && row.Kind == MachineKind.Computer && !options.Value.IsOneOfSeveral ? null
            : contacts.MachineAwaySince(row.Name) is { } since ? (row.LastSeenAt < since ? row.LastSeenAt : since) : (DateTimeOffset?)null;
        return new MachineView(
            row.Name, row.Mode, row.LeaseSeconds, IsHere(row.Name) ? ProgramVersion.Text
            : row.Version, row.JoinedAt, away, IsHere(row.Name), away is null ? report : report?.WhileAway(), row.Kind);
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
    MachineKind Kind = MachineKind.Computer);
