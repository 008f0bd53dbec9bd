namespace Dashboard.Terminal.Backups;

/// <summary>What a backup holds: the last entry of its file.</summary>
/// <param name="Format">Of the backup's file itself.</param>
/// <param name="Version">Of the program that made it.</param>
/// <param name="Database">"sqlite" or "postgres".</param>
/// <param name="Migration">The database's form.</param>
/// <param name="Entries">All of them but this one.</param>
/// <param name="Tables">Of a PostgreSQL database, in an order in which rows can be put back.</param>
/// <param name="GoneRuns">Runs in the database that somebody deleted while the backup was made, and their files with them.</param>
/// <param name="GoneDatasets">As <paramref name="GoneRuns"/>.</param>
/// <param name="Outside">Folders of datasets that lie elsewhere and are not in it.</param>
internal sealed record BackupManifest(
    int Format, string Version, string Database, string Migration, DateTimeOffset MadeAt, string DataRoot,
    IReadOnlyList<BackupEntry> Entries, IReadOnlyList<BackupTable> Tables, IReadOnlyList<int> GoneRuns, IReadOnlyList<int> GoneDatasets,
    IReadOnlyList<string> Outside)
{
    public const string Name = "backup.json";
    public const int CurrentFormat = 1;
    public const string Sqlite = "sqlite", Postgres = "postgres";

    /// <summary>Begins the names of the data root's files.</summary>
    public const string Files = "files/";

    /// <summary>The SQLite file, whole.</summary>
    public const string SqliteEntry = "database/dashboard.db";

    public long Bytes => Entries.Sum(entry => entry.Bytes);
}

/// <param name="Sha256">Lower-case hex.</param>
internal sealed record BackupEntry(string Name, long Bytes, string Sha256);

/// <param name="Entry">Rows in PostgreSQL's binary form.</param>
/// <param name="Identity">The column that counts by itself; empty: none.</param>
internal sealed record BackupTable(string Name, IReadOnlyList<string> Columns, string Entry, string Identity);

/// <summary>Why a backup can't be made or put back, in words.</summary>
internal sealed class BackupException(string message, Exception? inner = null) : Exception(message, inner);
