using System.Text.Json;
using Dashboard.Processes;
using Dashboard.Protocol;
using Dashboard.Storage;
using Microsoft.EntityFrameworkCore;
using Training.Core.Recipes;
using Training.Core.Runs;

namespace Dashboard.Machines;

/// <summary>
/// The machines that ever joined, their secrets and what they shall do; and the tokens that let others join. Thread-safe.
/// </summary>
public sealed partial class MachineStore(IDbContextFactory<DashboardDb> databases, TimeProvider time, ILogger<MachineStore> logger)
{
    public const int MaxName = 64;
    private readonly ChangeFeed _feed = new("machines", time, logger);

    /// <summary>Without removed ones, by name.</summary>
    public async Task<IReadOnlyList<MachineRow>> ListAsync(CancellationToken cancellationToken = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.Machines.AsNoTracking().Where(row => row.RemovedAt == null).OrderBy(row => row.Name).ToListAsync(cancellationToken);
    }

    public async Task<MachineRow?> GetAsync(string name, CancellationToken cancellationToken = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.Machines.AsNoTracking().FirstOrDefaultAsync(row => row.Name == name && row.RemovedAt == null, cancellationToken);
    }

    /// <summary>The machine that has this secret; null when none has, or it was removed.</summary>
    public async Task<MachineRow?> AuthenticateAsync(string key, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (key.Length == 0) return null;
        var hash = AttemptToken.Hash(key);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.Machines.AsNoTracking().FirstOrDefaultAsync(row => row.KeyHash == hash && row.RemovedAt == null, cancellationToken);
    }

    /// <summary>Whether a machine may be given runs now.</summary>
    public async Task<bool> TakesRunsAsync(string name, CancellationToken cancellationToken = default) =>
        await GetAsync(name, cancellationToken) is { Mode: MachineMode.Active };

    /// <summary>The dashboard's own machine needs no secret.</summary>
    public async Task EnsureAsync(string name, CancellationToken cancellationToken = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var row = await db.Machines.FindAsync([name], cancellationToken);
        if (row is { RemovedAt: null }) return;
        if (row is null) db.Machines.Add(row = new MachineRow { Name = name, JoinedAt = time.GetUtcNow() });
        row.RemovedAt = null;
        await db.SaveChangesAsync(cancellationToken);
        Tell();
    }

    /// <summary>Lets a machine in for the first time.</summary>
    /// <returns>Its own secret, or why it may not join.</returns>
    public async Task<(
        string? Key, string? Refusal)> JoinAsync(string token, string name, string version, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(token);
        name = name?.Trim() ?? "";
        if (NameProblem(name) is { } problem) return (null, MachineWords.NameRefused(problem, MaxName));
        var hash = AttemptToken.Hash(token);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await db.JoinTokens.FirstOrDefaultAsync(row => row.TokenHash == hash, cancellationToken) is not { } known)
            return (null, MachineWords.TokenUnknown);
        var row = await db.Machines.FindAsync([name], cancellationToken);
        if (row is { RemovedAt: null }) return (null, MachineWords.NameIsTaken(name));
        var (key, now) = (AttemptToken.Create(), time.GetUtcNow());
        if (row is null) db.Machines.Add(row = new MachineRow { Name = name });
        (row.KeyHash, row.Version, row.JoinedAt, row.RemovedAt, row.Mode, row.Kind) =
            (AttemptToken.Hash(key), version, now, null, MachineMode.Active, MachineKind.Computer);
        known.LastUsedAt = now;
        await db.SaveChangesAsync(cancellationToken);
        LogJoined(name, known.Name);
        Tell();
        return (key, null);
    }

    /// <summary>Why nothing may be called that; null when it may.</summary>
    internal static string? NameProblem(string name) =>
        name.Length is 0 or > MaxName || name is Recipe.AnyMachine or Recipe.AnyGpu or Recipe.AnyCpu || name.Any(char.IsControl)
            ? MachineWords.NameImpossible(name) : null;

    public async Task<IReadOnlyList<JoinTokenRow>> TokensAsync(CancellationToken cancellationToken = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.JoinTokens.AsNoTracking().OrderBy(row => row.Id).ToListAsync(cancellationToken);
    }

    /// <returns>The token itself, which nobody can look up later.</returns>
    public async Task<string> CreateTokenAsync(string name, CancellationToken cancellationToken = default)
    {
        var token = AttemptToken.Create();
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        db.JoinTokens.Add(new JoinTokenRow { Name = name, TokenHash = AttemptToken.Hash(token), CreatedAt = time.GetUtcNow() });
        await db.SaveChangesAsync(cancellationToken);
        return token;
    }

    /// <summary>Nobody can join with it any more; machines that did stay.</summary>
    /// <returns>false when it is gone already.</returns>
    public async Task<bool> RevokeTokenAsync(int id, CancellationToken cancellationToken = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.JoinTokens.Where(row => row.Id == id).ExecuteDeleteAsync(cancellationToken) > 0;
    }

    public Task<bool> SetModeAsync(string name, MachineMode mode, CancellationToken cancellationToken = default) =>
        ChangeAsync(name, row => row.Mode = mode, cancellationToken);

    /// <param name="lease">So long it may stay away before its runs are taken up elsewhere; at least 15 seconds.</param>
    public Task<bool> SetLeaseAsync(string name, TimeSpan lease, CancellationToken cancellationToken = default) =>
        ChangeAsync(name, row => row.LeaseSeconds = (int)Math.Clamp(lease.TotalSeconds, 15, TimeSpan.FromDays(30).TotalSeconds),
            cancellationToken);

    /// <summary>The machine's secret opens nothing from now on.</summary>
    public async Task<bool> RemoveAsync(string name, CancellationToken cancellationToken = default)
    {
        var removed = await ChangeAsync(name, row => row.RemovedAt = time.GetUtcNow(), cancellationToken);
        if (removed) LogRemoved(name);
        return removed;
    }

    /// <summary>Keeps what a machine says of itself, for when it is away.</summary>
    public async Task SeenAsync(MachineReport report, string version, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(report);
        var json = JsonSerializer.Serialize(report, CoreJson.Options);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await db.Machines.Where(row => row.Name == report.Name).ExecuteUpdateAsync(set => set
            .SetProperty(row => row.LastSeenAt, time.GetUtcNow()).SetProperty(row => row.ReportJson, json)
                .SetProperty(row => row.Version, version), cancellationToken);
    }

    /// <summary>What was kept of a machine; null when nothing was, or it is of another version or what no machine can say.</summary>
    internal static MachineReport? ReportOf(MachineRow row)
    {
        try
        {
            if (row.ReportJson.Length == 0) return null;
            var report = JsonSerializer.Deserialize<MachineReport>(row.ReportJson, CoreJson.Options);
            return MessageRules.Problem(report) is null ? report : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <param name="changed">Called when a machine joined, was removed, or shall do something else; never twice at the same time.</param>
    public IDisposable Subscribe(Func<Task> changed) => _feed.Subscribe(changed);

    private async Task<bool> ChangeAsync(string name, Action<MachineRow> change, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await db.Machines.FindAsync([name], cancellationToken) is not { RemovedAt: null } row) return false;
        change(row);
        await db.SaveChangesAsync(cancellationToken);
        Tell();
        return true;
    }

    /// <summary>Raised when one was changed here, for other dashboards: on the thread that changed it and not throttled.</summary>
    internal event Action? ChangedHere;

    /// <summary>A machine was added or changed.</summary>
    internal void Tell()
    {
        _feed.Tell();
        ChangedHere?.Invoke();
    }

    /// <summary>Another dashboard changed a machine.</summary>
    internal void ChangedElsewhere() => _feed.Tell(new Change(null, IsElsewhere: true));

    [LoggerMessage(LogLevel.Information, "Machine {Machine} has joined with the token “{Token}”")]
    private partial void LogJoined(string machine, string token);

    [LoggerMessage(LogLevel.Information, "Machine {Machine} was removed")]
    private partial void LogRemoved(string machine);
}
