using Medallion.Threading.Postgres;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Dashboard.Storage;

/// <summary>
/// What only one of the dashboards over a database may do at a time. The lock is one of PostgreSQL's, held by an open connection: whoever
/// dies gives it up. An SQLite database has only this dashboard, which always may.
/// </summary>
public sealed class DatabaseLocks(IOptions<DashboardOptions> options)
{
    /// <summary>A connection whose computer lost its power is given up by the server after 11 seconds instead of hours.</summary>
    private const string NoticeSilence = "-c tcp_keepalives_idle=5 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3";

    private static readonly TimeSpan LookAtConnection = TimeSpan.FromSeconds(5);

    /// <summary>Waits for its turn.</summary>
    public async Task<Turn> TakeAsync(string name, CancellationToken stop) =>
        options.Value.Postgres.Length == 0 ? new Turn(null) : new Turn(await LockOf(name).AcquireAsync(null, stop));

    /// <returns>Null: another one has it.</returns>
    public async Task<Turn?> TryTakeAsync(string name, CancellationToken stop)
    {
        if (options.Value.Postgres.Length == 0) return new Turn(null);
        return await LockOf(name).TryAcquireAsync(TimeSpan.Zero, stop) is { } held ? new Turn(held) : null;
    }

    private PostgresDistributedLock LockOf(string name)
    {
        var connection = new NpgsqlConnectionStringBuilder(options.Value.Postgres);
        connection.Options = $"{connection.Options} {NoticeSilence}".Trim();
        return new PostgresDistributedLock(
            new PostgresAdvisoryLockKey($"FineTuneDashboard {name}", allowHashing: true), connection.ConnectionString, lockOptions => lockOptions.KeepaliveCadence(LookAtConnection));
    }
}

/// <summary>Held until it is disposed, or <see cref="Lost"/>.</summary>
public sealed class Turn : IAsyncDisposable
{
    private readonly PostgresDistributedLockHandle? _held;

    internal Turn(PostgresDistributedLockHandle? held) => _held = held;

    /// <summary>Cancelled when the connection to the database broke: somebody else may have it by now.</summary>
    public CancellationToken Lost => _held?.HandleLostToken ?? CancellationToken.None;

    public ValueTask DisposeAsync() => _held?.DisposeAsync() ?? ValueTask.CompletedTask;
}
