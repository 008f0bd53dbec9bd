using Dashboard.Contact;
using Dashboard.Devices;
using Dashboard.Runs;
using Dashboard.Storage;
using Microsoft.Extensions.Options;

namespace Dashboard.Machines;

/// <summary>The only door for what people do with machines: page and API alike.</summary>
public sealed class MachineService(
    MachineStore machines, MachineRegistry registry, MachineContacts contacts, RunStore runs, RunService door, LocalMachine here, IOptions<DashboardOptions> options)
{
    /// <summary>All machines that joined or reported, with what they last said of themselves, by name.</summary>
    public async Task<IReadOnlyList<MachineView>> ListAsync(CancellationToken stop = default)
    {
        var joined = (await machines.ListAsync(stop)).ToDictionary(row => row.Name);
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
            row.Name, row.Mode, row.LeaseSeconds, IsHere(row.Name) ? ProgramVersion.Text : row.Version, row.JoinedAt, away, IsHere(row.Name), away is null ? report : report?.WhileAway(), row.Kind);
    }

    /// <summary>Pausing a machine also pauses what it trains: each run writes a checkpoint and waits to be resumed.</summary>
    /// <returns>false when there is no such machine.</returns>
    public async Task<bool> SetModeAsync(string name, MachineMode mode, CancellationToken stop = default)
    {
        if (!await machines.SetModeAsync(name, mode, stop)) return false;
        if (mode == MachineMode.Paused)
            foreach (var (run, _) in await runs.LiveOnAsync(name, stop)) await door.PauseAsync(run.Id, stop);
        return true;
    }

    /// <inheritdoc cref="MachineStore.SetLeaseAsync"/>
    public Task<bool> SetLeaseAsync(string name, TimeSpan lease, CancellationToken stop = default) => machines.SetLeaseAsync(name, lease, stop);

    /// <summary>Its secret opens nothing from now on; what it trains goes on elsewhere, and its history stays.</summary>
    /// <returns>false when there is no such machine.</returns>
    /// <exception cref="InvalidOperationException">It is the dashboard's own machine.</exception>
    public async Task<bool> RemoveAsync(string name, CancellationToken stop = default)
    {
        if (IsHere(name)) throw new InvalidOperationException("This is the dashboard's own machine. Start the dashboard with Dashboard:TrainHere=false if it shall not train.");
        if (await machines.GetAsync(name, stop) is { KeyHash.Length: 0 } && contacts.MachineAwaySince(name) is null)
            throw new InvalidOperationException("This is the machine of another dashboard that runs. Start that one with Dashboard:TrainHere=false if it shall not train.");
        if (!await machines.RemoveAsync(name, stop)) return false;
        registry.Forget(name);
        foreach (var (run, attempt) in await runs.LiveOnAsync(name, stop))
            await runs.DieAsync(run.Id, attempt.Number, $"{name} was removed from the dashboard.", File.Exists(options.Value.RunFolder(run.Id).Checkpoint), stop);
        return true;
    }

    private bool IsHere(string name) => options.Value.TrainHere && name == here.Name;
}

/// <summary>A machine as page and API show it.</summary>
/// <param name="Report">What it last said of itself; null when it never did.</param>
/// <param name="AwaySince">Null while it is connected.</param>
/// <param name="IsHere">The dashboard's own.</param>
public sealed record MachineView(
    string Name, MachineMode Mode, int LeaseSeconds, string Version, DateTimeOffset JoinedAt, DateTimeOffset? AwaySince, bool IsHere, MachineReport? Report,
    MachineKind Kind = MachineKind.Computer);
