using Dashboard.Machines;
using Dashboard.Machines.Devices;
using Dashboard.Processes;
using Dashboard.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Dashboard.Peers;

/// <summary>
/// Shares who is connected to which dashboard, by the database and its clock: who comes or goes is written at once, that this dashboard
/// lives every 2 seconds. What is connected to a dashboard that doesn't live any more counts as gone since it was last heard of.
/// </summary>
internal sealed class ContactSync(
    IDbContextFactory<DashboardDb> databases, MachineContacts contacts, LocalMachine machine, Guard guard,
    IOptions<DashboardOptions> options, TimeProvider time)
    : GuardedService("Sharing who is connected where", guard)
{
    internal static readonly TimeSpan Beat = TimeSpan.FromSeconds(2);

    /// <summary>A few beats: a slow database must not bury a dashboard.</summary>
    internal static readonly TimeSpan DeadAfter = TimeSpan.FromSeconds(8);

    private static readonly TimeSpan Remembered = TimeSpan.FromDays(1);

    private readonly DateTimeOffset _begin = time.GetUtcNow();

    /// <summary>The other dashboards of this database; empty where there is only this one.</summary>
    public IReadOnlyList<Peer> Peers { get; private set; } = [];

    private string Self => options.Value.PeerName;

    private bool _hasEndedFormerLife;

    protected override async Task WorkAsync(CancellationToken cancellationToken)
    {
        if (!options.Value.IsOneOfSeveral) return;
        if (options.Value.TrainHere) contacts.MachineCame(machine.Name, nameof(LocalMachine));
        while (true)
        {
            // The others must not take a short trouble for a death: it is tried again at its own pace.
            if (await Guard.TryAsync(Part, BeatAsync, cancellationToken)) await contacts.WaitAsync(Beat, cancellationToken);
            else await Task.Delay(Beat, time, cancellationToken);
        }
    }

    private async Task BeatAsync(CancellationToken cancellationToken)
    {
        if (!_hasEndedFormerLife) await EndFormerLifeAsync(cancellationToken);
        _hasEndedFormerLife = true;
        await SyncAsync(cancellationToken);
    }

    internal async Task SyncAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        // Clocks of computers differ: what is written and read is the database's, what is used here is this computer's.
        var now = await db.NowAsync(time, cancellationToken);
        var ahead = now - time.GetUtcNow();
        var changed = contacts.TakeChanged();
        try
        {
            await WriteAsync(db, now, ahead, changed, cancellationToken);
        }
        catch
        {
            contacts.ChangedAgain(changed);
            throw;
        }
        if (changed.Count > 0) contacts.TellWritten();
        var dashboards = await db.Dashboards.AsNoTracking().Where(row => row.Name != Self).OrderBy(row => row.Name)
            .ToListAsync(cancellationToken);
        Peers = [.. dashboards.Select(row =>
            new Peer(row.Name, row.StartedAt - ahead, row.HeardAt - ahead, now - row.HeardAt < DeadAfter))];
        var rows = await db.Contacts.AsNoTracking().Where(row => row.Dashboard != Self).ToListAsync(cancellationToken);
        contacts.SetElsewhere(rows.GroupBy(row => row.Who).ToDictionary(group => group.Key, IReadOnlyList<ContactElsewhere> (group) =>
            [.. group.Select(row => new ContactElsewhere(row.Attempt, LeftAt(row, ahead)))]));
    }

    private async Task WriteAsync(
        DashboardDb db, DateTimeOffset now, TimeSpan ahead, IReadOnlyList<string> changed, CancellationToken cancellationToken)
    {
        if (await db.Dashboards.FindAsync([Self], cancellationToken) is not { } own)
            db.Dashboards.Add(own = new DashboardRow { Name = Self });
        (own.StartedAt, own.HeardAt) = (_begin + ahead, now);
        foreach (var who in changed)
        {
            var row = await db.Contacts.FindAsync([Self, who], cancellationToken);
            if (contacts.Here(who) is not var (attempt, left))
            {
                if (row is not null) db.Contacts.Remove(row);
                continue;
            }
            if (row is null) db.Contacts.Add(row = new ContactRow { Dashboard = Self, Who = who });
            (row.Attempt, row.LeftAt) = (attempt, left + ahead);
        }
        await db.SaveChangesAsync(cancellationToken);
    }

    /// <summary>Whoever was connected when this dashboard died has not been since.</summary>
    private async Task EndFormerLifeAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var now = await db.NowAsync(time, cancellationToken);
        var died = (await db.Dashboards.FindAsync([Self], cancellationToken))?.HeardAt ?? now;
        await db.Contacts.Where(row => row.Dashboard == Self && row.LeftAt == null)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.LeftAt, died), cancellationToken);
        var old = now - Remembered;
        await db.Contacts.Where(row => row.LeftAt < old).ExecuteDeleteAsync(cancellationToken);
        await db.Dashboards.Where(row => row.HeardAt < old && row.Name != Self).ExecuteDeleteAsync(cancellationToken);
        await db.Contacts.Where(row => row.Dashboard != Self && !db.Dashboards.Any(dashboard => dashboard.Name == row.Dashboard))
            .ExecuteDeleteAsync(cancellationToken);
    }

    private DateTimeOffset? LeftAt(ContactRow row, TimeSpan ahead) => row.LeftAt is { } left
        ? left - ahead
        : Peers.FirstOrDefault(peer => peer.Name == row.Dashboard) is { IsAlive: false } dead ? dead.HeardAt : null;
}

/// <summary>Another dashboard of the same database, by this computer's clock.</summary>
internal sealed record Peer(string Name, DateTimeOffset StartedAt, DateTimeOffset HeardAt, bool IsAlive);
