using System.Data.Common;
using Dashboard.Storage.Words;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Dashboard.Storage.Upgrades;

/// <summary>
/// Brings the database to this program's form at the start; an SQLite file as it was is kept, so that an upgrade loses nothing.
/// </summary>
public sealed partial class DatabaseUpgrade(
    IDbContextFactory<DashboardDb> databases, DatabaseLocks locks, IOptions<DashboardOptions> options, TimeProvider time,
    ILogger<DatabaseUpgrade> log)
{
    private string Place => options.Value.Postgres.Length == 0
        ? StorageWords.Database(options.Value.DatabaseFile) : StorageWords.PostgresDatabase(Server);

    /// <exception cref="StorageException">It can't be opened, or a newer program wrote it.</exception>
    public async Task RunAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            await using var db = await databases.CreateDbContextAsync(cancellationToken);
            if (db is SqliteDb) await UpgradeFileAsync(db, cancellationToken);
            else await UpgradeServerAsync(db, cancellationToken);
        }
        catch (Exception exception) when (StorageException.Explain(Unwrap(exception), Place) is { } explained)
        {
            throw explained;
        }
    }

    private async Task UpgradeFileAsync(DashboardDb db, CancellationToken cancellationToken)
    {
        var file = options.Value.DatabaseFile;
        Directory.CreateDirectory(options.Value.DataRoot);
        using var turn = await UpgradeLock.TakeAsync(file, time, log, cancellationToken);
        var (applied, isDone) = await LookAsync(db, cancellationToken);
        if (!isDone)
        {
            var copy = await MigrateAsync(db, async () =>
                await SqliteUpgrade.RunAsync(db, file, applied.Count == 0, time.GetUtcNow(), cancellationToken));
            if (copy is not null) LogCopied(copy, applied[^1]);
        }
        // Also after a start that was killed before it came to this.
        SqliteUpgrade.LetReadersIn(file);
    }

    private async Task UpgradeServerAsync(DashboardDb db, CancellationToken cancellationToken)
    {
        // Of several dashboards that start together one upgrades, and the others find it done. Without a database there is no lock in it.
        await using var turn = await db.Database.CanConnectAsync(cancellationToken)
            ? await locks.TakeAsync("upgrade", "the upgrade of the database", cancellationToken) : null;
        if ((await LookAsync(db, cancellationToken)).IsDone) return;
        // PostgreSQL's provider locks a table within its transaction: both die with the connection.
        await MigrateAsync<string>(db, async () =>
        {
            await db.Database.MigrateAsync(cancellationToken);
            return null;
        });
    }

    private async Task<(List<string> Applied, bool IsDone)> LookAsync(DashboardDb db, CancellationToken cancellationToken)
    {
        // Looks whether there is a list of them first: PostgreSQL's provider asks for it and logs the failure as an error.
        List<string> applied = await db.GetService<IHistoryRepository>().ExistsAsync(cancellationToken)
            ? [.. await db.Database.GetAppliedMigrationsAsync(cancellationToken)] : [];
        var known = db.Database.GetMigrations().ToList();
        if (applied.Except(known).FirstOrDefault() is { } newer)
            throw new StorageException(StorageWords.WrittenByNewer(Place, newer));
        if (applied.Count > 0 && applied.Count < known.Count) LogUpgrading(Place, applied[^1]);
        return (applied, applied.Count == known.Count);
    }

    private async Task<T?> MigrateAsync<T>(DashboardDb db, Func<Task<T?>> migrate) where T : class
    {
        try
        {
            return await migrate();
        }
        catch (Exception exception)
            when (Unwrap(exception) is DbException reason && !StorageException.IsDiskFull(reason) && !IsBusy(reason))
        {
            if (!await IsUsedAsync(db)) throw;
            throw new StorageException(StorageWords.NotUpgraded(Place, reason.Message), exception);
        }
    }

    private static async Task<bool> IsUsedAsync(DashboardDb db)
    {
        try
        {
            return (await db.Database.GetAppliedMigrationsAsync()).Any();
        }
        catch (DbException)
        {
            return false;
        }
    }

    private static bool IsBusy(DbException exception) => exception is SqliteException { SqliteErrorCode: StorageException.SqliteBusy };

    /// <summary>SQLite's own copy takes the write-ahead log along, which File.Copy would leave behind.</summary>
    internal static void Copy(string database, string copy)
    {
        var unfinished = copy + ".part";
        try
        {
            using (var from = new SqliteConnection($"Data Source={database};Pooling=False"))
            using (var to = new SqliteConnection($"Data Source={unfinished};Pooling=False"))
            {
                from.Open();
                to.Open();
                from.BackupDatabase(to);
            }
            File.Move(unfinished, copy, overwrite: true);
        }
        finally
        {
            File.Delete(unfinished);
        }
    }

    /// <summary>Host, port and name, without the password.</summary>
    private string Server
    {
        get
        {
            var connection = new NpgsqlConnectionStringBuilder(options.Value.Postgres);
            return $"{connection.Host}:{connection.Port}/{connection.Database}";
        }
    }

    /// <summary>The provider wraps what the server or the network said.</summary>
    private static Exception Unwrap(Exception exception) =>
        exception is InvalidOperationException or RetryLimitExceededException && exception.InnerException is NpgsqlException inner
        ? inner : exception;

    [LoggerMessage(LogLevel.Information, "Upgrading {Place} from {Migration}; this can take minutes when it is large")]
    private partial void LogUpgrading(string place, string migration);

    [LoggerMessage(LogLevel.Information, "The database is upgraded from {Migration}; as it was it lies at {Copy}")]
    private partial void LogCopied(string copy, string migration);
}
