using Medallion.Threading.Postgres;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Dashboard.Storage;

/// <summary>
/// What only one of the dashboards over a database may do at a time. The lock is one of PostgreSQL's, held by an open connection: whoever
/// dies gives it up. An SQLite database has only this dashboard, which always may.
/// </summary>
public sealed partial class DatabaseLocks(IOptions<DashboardOptions> options, ILogger<DatabaseLocks> log)
{
    /// <summary>Who holds a lock of a 64-bit key in this database.</summary>
    private const string HolderOf = """
        SELECT a.pid, coalesce(a.application_name, ''), coalesce(host(a.client_addr), 'the server itself'), a.backend_start
        FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid JOIN pg_database d ON d.oid = l.database
        WHERE l.locktype = 'advisory' AND l.granted AND d.datname = current_database()
            AND ((l.classid::bigint << 32) | l.objid::bigint) = @key
        """;

    /// <summary>A connection whose computer lost its power is given up by the server after 11 seconds instead of hours.</summary>
    private const string NoticeSilence = "-c tcp_keepalives_idle=5 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3";

    private static readonly TimeSpan LookAtConnection = TimeSpan.FromSeconds(5), Silently = TimeSpan.FromSeconds(3),
        SayAgain = TimeSpan.FromSeconds(30);

    /// <summary>Waits for its turn, and says for whom, since when and what can be done.</summary>
    /// <param name="what">In the words of the log, such as "the upgrade of the database".</param>
    public async Task<HeldLock> TakeAsync(string name, string what, CancellationToken cancellationToken)
    {
        if (options.Value.Postgres.Length == 0) return new HeldLock(null);
        for (var patience = Silently; ; patience = SayAgain)
        {
            if (await LockOf(name).TryAcquireAsync(patience, cancellationToken) is { } held) return new HeldLock(held);
            await SayAsync(name, what, cancellationToken);
        }
    }

    /// <summary>Waits for its turn, for as long as it takes.</summary>
    public async Task<HeldLock> TakeAsync(string name, CancellationToken cancellationToken) =>
        options.Value.Postgres.Length == 0 ? new HeldLock(null) : new HeldLock(await LockOf(name).AcquireAsync(null, cancellationToken));

    /// <returns>Null: another one has it.</returns>
    public async Task<HeldLock?> TryTakeAsync(string name, CancellationToken cancellationToken)
    {
        if (options.Value.Postgres.Length == 0) return new HeldLock(null);
        return await LockOf(name).TryAcquireAsync(TimeSpan.Zero, cancellationToken) is { } held ? new HeldLock(held) : null;
    }

    private async Task SayAsync(string name, string what, CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(options.Value.Postgres);
        await connection.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(HolderOf, connection);
        // 16 hexadecimal digits, in two halves where it is two numbers.
        command.Parameters.AddWithValue("key", Convert.ToInt64(KeyOf(name).ToString().Replace(",", "", StringComparison.Ordinal), 16));
        await using var holder = await command.ExecuteReaderAsync(cancellationToken);
        // The lock may have come free meanwhile.
        if (await holder.ReadAsync(cancellationToken))
            LogWaiting(what, holder.GetString(1), holder.GetString(2), holder.GetDateTime(3), holder.GetInt32(0));
    }

    private PostgresDistributedLock LockOf(string name)
    {
        var connection = new NpgsqlConnectionStringBuilder(options.Value.Postgres);
        connection.Options = $"{connection.Options} {NoticeSilence}".Trim();
        // So that those who wait can say for whom.
        connection.ApplicationName ??= $"dashboard {options.Value.PeerName}";
        return new PostgresDistributedLock(KeyOf(name), connection.ConnectionString, lockOptions =>
            lockOptions.KeepaliveCadence(LookAtConnection));
    }

    private static PostgresAdvisoryLockKey KeyOf(string name) => new($"FineTuneDashboard {name}", allowHashing: true);

    [LoggerMessage(LogLevel.Warning,
        "Waiting for {What}: “{Holder}” on {Address} has it, connected since {Since:u}. This goes on when that one is done or ended; if "
            + "it hangs, end it, or run SELECT pg_terminate_backend({Pid}) in the database")]
    private partial void LogWaiting(string what, string holder, string address, DateTime since, int pid);
}

/// <summary>Held until it is disposed, or <see cref="Lost"/>.</summary>
public sealed class HeldLock : IAsyncDisposable
{
    private readonly PostgresDistributedLockHandle? _held;

    internal HeldLock(PostgresDistributedLockHandle? held) => _held = held;

    /// <summary>Cancelled when the connection to the database broke: somebody else may have it by now.</summary>
    public CancellationToken Lost => _held?.HandleLostToken ?? CancellationToken.None;

    public ValueTask DisposeAsync() => _held?.DisposeAsync() ?? ValueTask.CompletedTask;
}
