using System.Reflection;
using Dashboard.Storage;
using Dashboard.Storage.Upgrades;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Dashboard.Terminal.Backups;

/// <summary>
/// Makes a backup of a dashboard that may be running. Checkpoints first, then one moment of the database, then all other files: so a run
/// never goes on from further than what the database knows of it, and every file that the database speaks of is there.
/// </summary>
internal sealed class BackupMaker(DashboardOptions options, TimeProvider time)
{
    private const string NewRun = ".new-", Trash = ".trash", Unfinished = ".part", Incoming = "incoming-", Arriving = ".arriving";

    /// <summary>
    /// What can be made anew is left out, and the keys of sign-ins, so that whoever finds a backup can't sign in with it.
    /// </summary>
    private string[] Folders => [options.DatasetsFolder, options.RunsFolder, options.WeightsFolder];

    /// <summary>What is deleted from now on is known to the backup.</summary>
    internal bool HasDatabase { get; private set; }

    /// <exception cref="BackupException">It can't be made; nothing is left of it.</exception>
    public async Task<BackupManifest> MakeAsync(string path, IProgress<long> progress, CancellationToken cancellationToken)
    {
        await using var db = Open();
        var migration = await MigrationAsync(db, cancellationToken);
        await using var writer = new BackupWriter(path, progress);
        var checkpoints = await AddCheckpointsAsync(writer, cancellationToken);
        await new UnstoredReports(options, Open, time).WaitAsync(cancellationToken);
        var (tables, facts) = db is SqliteDb
            ? await AddSqliteAsync(writer, path, cancellationToken) : await AddPostgresAsync(writer, (PostgresDb)db, cancellationToken);
        HasDatabase = true;
        foreach (var folder in Folders)
            foreach (var file in FilesOf(folder).Where(file => !checkpoints.Contains(file)))
                await writer.AddFileAsync(file, NameOf(file), cancellationToken);
        await using var live = Open();
        var now = await Facts.OfAsync(live, cancellationToken);
        var manifest = new BackupManifest(
            BackupManifest.CurrentFormat, Version, db is SqliteDb
            ? BackupManifest.Sqlite : BackupManifest.Postgres, migration, time.GetUtcNow(),
            options.DataRoot, writer.Entries, tables, GoneRuns(facts, now, writer.Entries), [.. facts.Datasets.Except(now.Datasets)],
            facts.Folders);
        await writer.FinishAsync(manifest, cancellationToken);
        return manifest;
    }

    /// <summary>Bytes that are to be read, the database's included; more may come while it is made.</summary>
    public async Task<long> SizeAsync(CancellationToken cancellationToken)
    {
        var files = Folders.SelectMany(FilesOf).Sum(file => new FileInfo(file) is { Exists: true } there ? there.Length : 0);
        if (options.Postgres.Length == 0)
            return files + (new FileInfo(options.DatabaseFile) is { Exists: true } database ? 2 * database.Length : 0);
        await using var db = Open();
        return files + (await db.Database.SqlQuery<long>($"SELECT pg_database_size(current_database()) AS \"Value\"")
            .ToListAsync(cancellationToken))[0];
    }

    internal static string Version => Assembly.GetExecutingAssembly().GetName().Version?.ToString(3) ?? "";

    internal DashboardDb Open()
    {
        if (options.Postgres.Length > 0)
        {
            var postgres = new DbContextOptionsBuilder<PostgresDb>();
            PostgresDb.Configure(postgres, options.Postgres);
            return new PostgresDb(postgres.Options);
        }
        if (!File.Exists(options.DatabaseFile))
            throw new BackupException($"There is no database {options.DatabaseFile}: name the data root of the dashboard with "
                + "--Dashboard:DataRoot=FOLDER.");
        var sqlite = new DbContextOptionsBuilder<SqliteDb>();
        SqliteDb.Configure(sqlite, options.DatabaseFile);
        return new SqliteDb(sqlite.Options);
    }

    private static async Task<string> MigrationAsync(DashboardDb db, CancellationToken cancellationToken)
    {
        var (applied, known) = ((await db.Database.GetAppliedMigrationsAsync(cancellationToken)).ToList(),
            db.Database.GetMigrations().ToList());
        if (applied.SequenceEqual(known)) return known[^1];
        throw new BackupException(applied.Count == 0
            ? "The database is empty: no dashboard has been started with it yet."
            : "The database is of another version of the dashboard. Make the backup with the version that runs on it.");
    }

    /// <summary>Before the database: what a run goes on from must not be ahead of the steps that are known of it.</summary>
    private async Task<HashSet<string>> AddCheckpointsAsync(BackupWriter writer, CancellationToken cancellationToken)
    {
        var all = new HashSet<string>(StringComparer.Ordinal);
        foreach (var file in FilesOf(options.RunsFolder).Where(IsCheckpoint))
            if (await writer.AddFileAsync(file, NameOf(file), cancellationToken)) all.Add(file);
        return all;
    }

    private async Task<(
        IReadOnlyList<BackupTable>, Facts)> AddSqliteAsync(BackupWriter writer, string path, CancellationToken cancellationToken)
    {
        var copy = path + ".database" + Unfinished;
        try
        {
            await Task.Run(() => DatabaseUpgrade.Copy(options.DatabaseFile, copy), cancellationToken);
            // Without a log beside it, it is one file.
            SqliteUpgrade.Close(copy);
            if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(copy, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            await writer.AddFileAsync(copy, BackupManifest.SqliteEntry, cancellationToken);
            var sqlite = new DbContextOptionsBuilder<SqliteDb>();
            SqliteDb.Configure(sqlite, copy);
            await using var db = new SqliteDb(sqlite.Options);
            return ([], await Facts.OfAsync(db, cancellationToken));
        }
        finally
        {
            SqliteConnection.ClearAllPools();
            foreach (var suffix in new[] { "", "-wal", "-shm" }) File.Delete(copy + suffix);
        }
    }

    private static async Task<(
        IReadOnlyList<BackupTable>, Facts)> AddPostgresAsync(BackupWriter writer, PostgresDb db, CancellationToken cancellationToken)
    {
        await db.Database.OpenConnectionAsync(cancellationToken);
        var connection = (NpgsqlConnection)db.Database.GetDbConnection();
        await using var snapshot = await DatabaseExport.SnapshotAsync(connection, cancellationToken);
        var tables = DatabaseExport.Tables(db);
        foreach (var table in tables)
            await writer.AddAsync(table.Entry, DateTimeOffset.MinValue, (target, token) =>
                DatabaseExport.ReadAsync(connection, table, target, token), cancellationToken);
        await db.Database.UseTransactionAsync(snapshot, cancellationToken);
        return (tables, await Facts.OfAsync(db, cancellationToken));
    }

    private IReadOnlyList<int> GoneRuns(Facts then, Facts now, IReadOnlyList<BackupEntry> entries)
    {
        var there = entries.Select(entry => entry.Name).Where(name => name.EndsWith("/recipe.json", StringComparison.Ordinal))
            .ToHashSet(StringComparer.Ordinal);
        // A deletion takes the folder away before the row.
        return [.. then.Runs.Where(run => !now.Runs.Contains(run) || !there.Contains(NameOf(options.RunFolder(run).Recipe))
            && !Directory.Exists(options.RunFolder(run).Path))];
    }

    private static IEnumerable<string> FilesOf(string folder) => !Directory.Exists(folder) ? [] :
        Directory.EnumerateFiles(folder, "*",
            new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0, IgnoreInaccessible = false })
            .Where(file => !IsPassing(Path.GetRelativePath(folder, file))).Order(StringComparer.Ordinal)
            // A zip that waits to be unpacked before its folder: when it is gone by then, the folder is whole.
            .OrderBy(file => Path.GetExtension(file) != ".zip");

    /// <summary>Made at this moment, or on its way out.</summary>
    private static bool IsPassing(string file) =>
        file.EndsWith(Unfinished, StringComparison.Ordinal) || file.EndsWith(Arriving, StringComparison.Ordinal)
        || file.StartsWith(Incoming, StringComparison.Ordinal) || file.Split(Path.DirectorySeparatorChar)[0] is var first
            && (first.StartsWith(NewRun, StringComparison.Ordinal) || first.EndsWith(Trash, StringComparison.Ordinal)
                || first.EndsWith(Unfinished, StringComparison.Ordinal));

    private bool IsCheckpoint(string file) => Path.GetFileName(file) == Path.GetFileName(options.RunFolder(0).Checkpoint);

    private string NameOf(string file) =>
        BackupManifest.Files
        + Path.GetRelativePath(Path.GetFullPath(options.DataRoot), Path.GetFullPath(file)).Replace(Path.DirectorySeparatorChar, '/');

    /// <summary>What the database says of files, at the moment of the backup.</summary>
    private sealed record Facts(IReadOnlySet<int> Runs, IReadOnlySet<int> Datasets, IReadOnlyList<string> Folders)
    {
        public static async Task<Facts> OfAsync(DashboardDb db, CancellationToken cancellationToken) => new(
            await db.Runs.Select(run => run.Id).ToHashSetAsync(cancellationToken),
            await db.Datasets.Where(row => row.DeletedAt == null).Select(row => row.Id).ToHashSetAsync(cancellationToken),
            await db.Datasets.Where(row => row.DeletedAt == null && row.Origin == DatasetOrigin.Folder)
                .OrderBy(row => row.Id).Select(row => row.Root).ToListAsync(cancellationToken));
    }
}
