using System.Data.Common;
using System.Globalization;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Dashboard.Storage;

/// <summary>Brings the database to this program's form at the start; a SQLite file is copied first, so that an upgrade loses nothing.</summary>
public sealed partial class DatabaseUpgrade(
    IDbContextFactory<DashboardDb> databases, DatabaseLocks locks, IOptions<DashboardOptions> options, TimeProvider time, ILogger<DatabaseUpgrade> log)
{
    private string Place => options.Value.Postgres.Length == 0
        ? $"the database {options.Value.DatabaseFile}"
        : $"the PostgreSQL database {Server} (setting Dashboard:Postgres)";

    /// <exception cref="StorageException">It can't be opened, or a newer program wrote it.</exception>
    public async Task RunAsync(CancellationToken stop = default)
    {
        try
        {
            await using var db = await databases.CreateDbContextAsync(stop);
            if (db is SqliteDb) Directory.CreateDirectory(options.Value.DataRoot);
            // Of several dashboards that start together one upgrades, and the others find it done. Without a database there is no lock in it.
            await using var turn = await db.Database.CanConnectAsync(stop) ? await locks.TakeAsync("upgrade", stop) : null;
            var applied = await AppliedAsync(db, stop);
            var known = db.Database.GetMigrations().ToList();
            if (applied.Except(known).FirstOrDefault() is { } newer)
                throw new StorageException(
                    $"{StorageException.Begin(Place)} was written by a newer version of the dashboard ({newer}). Start that version, or put back a copy made before the upgrade.");
            if (applied.Count == known.Count) return;
            var copy = db is SqliteDb && applied.Count > 0 ? CopyBefore(applied[^1]) : null;
            await MigrateAsync(db, copy, stop);
            // Kept in the file: readers and the writer don't wait for each other.
            if (db is SqliteDb) await db.Database.ExecuteSqlRawAsync("PRAGMA journal_mode=WAL;", stop);
        }
        catch (Exception exception) when (StorageException.Explain(Unwrap(exception), Place) is { } explained)
        {
            throw explained;
        }
    }

    /// <summary>Looks whether there is a list of them first: PostgreSQL's provider asks for it and logs the failure as an error.</summary>
    private static async Task<List<string>> AppliedAsync(DashboardDb db, CancellationToken stop) =>
        await db.GetService<IHistoryRepository>().ExistsAsync(stop) ? [.. await db.Database.GetAppliedMigrationsAsync(stop)] : [];

    private async Task MigrateAsync(DashboardDb db, string? copy, CancellationToken stop)
    {
        try
        {
            await db.Database.MigrateAsync(stop);
        }
        catch (Exception exception) when (copy is not null && Unwrap(exception) is DbException reason && !StorageException.IsDiskFull(reason))
        {
            // A migration is one transaction, so the one that failed has changed nothing.
            throw new StorageException(
                $"{StorageException.Begin(Place)} could not be upgraded: {reason.Message} The former version of the dashboard can go on with it; a copy from before the upgrade lies at {copy}.", exception);
        }
    }

    private string CopyBefore(string migration)
    {
        var stamp = time.GetUtcNow().ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture);
        var copy = $"{options.Value.DatabaseFile}.before-upgrade-{stamp}";
        Copy(options.Value.DatabaseFile, copy);
        LogCopied(copy, migration);
        return copy;
    }

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
        exception is InvalidOperationException { InnerException: NpgsqlException inner } ? inner : exception;

    [LoggerMessage(LogLevel.Information, "Upgrading the database from {Migration}; a copy of it as it was lies at {Copy}")]
    private partial void LogCopied(string copy, string migration);
}
