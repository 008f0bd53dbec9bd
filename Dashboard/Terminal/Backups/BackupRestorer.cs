using Dashboard.Storage;
using Dashboard.Storage.Files;
using Dashboard.Storage.Upgrades;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Dashboard.Terminal.Backups;

/// <summary>
/// Puts a backup into an empty data root and, where it is of PostgreSQL, an empty database. Everything is checked before anything is
/// written; a root in which this was broken off opens to no dashboard.
/// </summary>
internal sealed class BackupRestorer(DashboardOptions options, TimeProvider time)
{
    /// <summary>The database last: without it, nothing of a restore that was broken off can be taken for a dashboard's.</summary>
    /// <exception cref="BackupException">It can't be put back.</exception>
    public async Task RestoreAsync(BackupReader backup, IProgress<long> progress, CancellationToken cancellationToken)
    {
        ThrowIfUnfit(backup.Manifest);
        await ThrowIfUsedAsync(cancellationToken);
        await backup.CheckAsync(progress, cancellationToken);
        Directory.CreateDirectory(options.DataRoot);
        var marker = Path.Combine(options.DataRoot, DataRoot.UnfinishedRestore);
        await File.WriteAllTextAsync(marker, "A backup is being put back here.", cancellationToken);
        foreach (var entry in backup.Manifest.Entries.Where(entry => entry.Name.StartsWith(BackupManifest.Files, StringComparison.Ordinal)))
            await PlaceAsync(backup, entry, Path.Combine([options.DataRoot, .. entry.Name[BackupManifest.Files.Length..].Split('/')]),
                progress, cancellationToken);
        if (options.Postgres.Length > 0) await FillServerAsync(backup, progress, cancellationToken);
        else await PlaceAsync(backup, backup.Manifest.Entries.Single(entry => entry.Name == BackupManifest.SqliteEntry),
            options.DatabaseFile, progress, cancellationToken);
        await SettleAsync(backup.Manifest, cancellationToken);
        SqliteConnection.ClearAllPools();
        File.Delete(marker);
    }

    private void ThrowIfUnfit(BackupManifest manifest)
    {
        var here = options.Postgres.Length > 0 ? BackupManifest.Postgres : BackupManifest.Sqlite;
        if (manifest.Database != here)
            throw new BackupException(manifest.Database == BackupManifest.Postgres
                ? "The backup is of a dashboard over PostgreSQL: name an empty database with --Dashboard:Postgres=…"
                : "The backup is of a dashboard with an SQLite database: leave --Dashboard:Postgres out.");
        using DashboardDb known = here == BackupManifest.Postgres
            ? new PostgresDb.Design().CreateDbContext([]) : new SqliteDb.Design().CreateDbContext([]);
        if (!known.Database.GetMigrations().Contains(manifest.Migration))
            throw new BackupException($"The backup was made by a newer version of the dashboard ({manifest.Version}, "
                + $"{manifest.Migration}). Restore it with that version.");
    }

    private async Task ThrowIfUsedAsync(CancellationToken cancellationToken)
    {
        if (Directory.Exists(options.DataRoot) && Directory.EnumerateFileSystemEntries(options.DataRoot)
            .FirstOrDefault(entry => Path.GetFileName(entry) != "lost+found") is { } there)
            throw new BackupException(
                $"The data root {options.DataRoot} is not empty ({Path.GetFileName(there)} lies there). Nothing was changed. Restore into "
                    + "a new folder with --Dashboard:DataRoot=FOLDER, or move this one away first.");
        if (options.Postgres.Length == 0) return;
        await using var db = new BackupMaker(options, time).Open();
        if (await db.Database.CanConnectAsync(cancellationToken) && await db.GetService<IHistoryRepository>()
            .ExistsAsync(cancellationToken) && (await db.Database.GetAppliedMigrationsAsync(cancellationToken)).Any())
            throw new BackupException("The PostgreSQL database (setting Dashboard:Postgres) is not empty. Nothing was changed. Make an "
                + "empty one with CREATE DATABASE, and name that.");
    }

    private static async Task PlaceAsync(
        BackupReader backup, BackupEntry entry, string path, IProgress<long> progress, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await using var target = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None);
        await backup.CopyAsync(entry, target, cancellationToken);
        progress.Report(entry.Bytes);
    }

    /// <summary>All rows or none.</summary>
    private async Task FillServerAsync(BackupReader backup, IProgress<long> progress, CancellationToken cancellationToken)
    {
        await using var db = new BackupMaker(options, time).Open();
        await db.GetService<IMigrator>().MigrateAsync(backup.Manifest.Migration, cancellationToken);
        await db.Database.OpenConnectionAsync(cancellationToken);
        var connection = (NpgsqlConnection)db.Database.GetDbConnection();
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        foreach (var table in backup.Manifest.Tables)
        {
            var entry = backup.Manifest.Entries.Single(entry => entry.Name == table.Entry);
            await using var rows = await backup.OpenAsync(entry, cancellationToken);
            await DatabaseExport.WriteAsync(connection, table, rows, cancellationToken);
            progress.Report(entry.Bytes);
        }
        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>
    /// The dashboard that was copied may still be at it: what trained is paused, and nobody is connected. What was deleted while the backup
    /// was made is gone here too.
    /// </summary>
    private async Task SettleAsync(BackupManifest manifest, CancellationToken cancellationToken)
    {
        var settings = Options.Create(options);
        await new DatabaseUpgrade(
            new Factory(options), new DatabaseLocks(settings, NullLogger<DatabaseLocks>.Instance), settings, time,
            NullLogger<DatabaseUpgrade>.Instance).RunAsync(cancellationToken);
        await using var db = new BackupMaker(options, time).Open();
        foreach (var run in await db.Runs.Where(run => run.State == RunState.Preparing || run.State == RunState.Training)
            .ToListAsync(cancellationToken))
        {
            const string words = "It trained when the backup was made that this dashboard was restored from. Resume goes on from the "
                + "checkpoint in it.";
            run.Move(RunState.Paused, words);
            (run.Phase, run.PhaseFraction, run.LostContactAt, run.EndedAt, run.PauseRequested) = ("", null, null, manifest.MadeAt, false);
            if (await db.Attempts.FindAsync([run.Id, run.Attempt], cancellationToken) is { } attempt)
                (attempt.EndedAt, attempt.Reason) = (manifest.MadeAt, words);
        }
        foreach (var dataset in await db.Datasets.Where(row => manifest.GoneDatasets.Contains(row.Id) && row.DeletedAt == null)
            .ToListAsync(cancellationToken))
            (dataset.DeletedAt, dataset.Name) = (manifest.MadeAt, $"{dataset.Name} (deleted {dataset.Id})");
        await db.SaveChangesAsync(cancellationToken);
        await db.Runs.Where(run => manifest.GoneRuns.Contains(run.Id)).ExecuteDeleteAsync(cancellationToken);
        await db.Contacts.ExecuteDeleteAsync(cancellationToken);
        await db.Dashboards.ExecuteDeleteAsync(cancellationToken);
    }

    private sealed class Factory(DashboardOptions options) : IDbContextFactory<DashboardDb>
    {
        public DashboardDb CreateDbContext() => new BackupMaker(options, TimeProvider.System).Open();
    }
}
