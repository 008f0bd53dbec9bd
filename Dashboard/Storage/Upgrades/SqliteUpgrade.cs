using System.Globalization;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace Dashboard.Storage.Upgrades;

/// <summary>
/// Makes the next form of an SQLite file beside it and puts it in its place by one rename: whenever it is killed, the former file is
/// still there, whole, and a later start begins anew. What a killed start of an earlier version left inside the file is cleared away.
/// </summary>
internal static class SqliteUpgrade
{
    private const string NewSuffix = ".upgrade";

    /// <param name="db">Points to the file again afterwards.</param>
    /// <param name="isNew">Nothing is kept of the former file, which has no table of ours.</param>
    /// <returns>Where the former file lies now; null when it was new.</returns>
    public static async Task<string?> RunAsync(
        DashboardDb db, string file, bool isNew, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var (next, own) = (file + NewSuffix, db.Database.GetConnectionString());
        RemoveWithLogs(next);
        try
        {
            if (new FileInfo(file) is { Exists: true, Length: > 0 })
            {
                Close(file);
                DatabaseUpgrade.Copy(file, next);
                // EF's own lock is a row, which outlives a holder that was killed; nobody else knows of this copy.
                Execute(next, """DROP TABLE IF EXISTS "__EFMigrationsLock" """);
            }
            db.Database.SetConnectionString(Connection(next, SqliteOpenMode.ReadWriteCreate));
            await db.Database.MigrateAsync(cancellationToken);
            await db.Database.CloseConnectionAsync();
            Close(next);
            return Place(next, file,
                isNew ? null : string.Create(CultureInfo.InvariantCulture, $"{file}.before-upgrade-{now:yyyyMMdd-HHmmss}"));
        }
        finally
        {
            db.Database.SetConnectionString(own);
            RemoveWithLogs(next);
        }
    }

    /// <summary>Kept in the file: readers and the writer don't wait for each other.</summary>
    public static void LetReadersIn(string file) => Execute(file, "PRAGMA journal_mode=WAL;");

    /// <summary>Brings everything into the one file: a log that stayed behind would be taken for the next file's.</summary>
    /// <exception cref="SqliteException">Another program has it open.</exception>
    public static void Close(string file) => Execute(file, "PRAGMA journal_mode=DELETE;");

    private static string? Place(string next, string file, string? former)
    {
        if (former is null) File.Move(next, file, overwrite: true);
        else File.Replace(next, file, former);
        return former;
    }

    private static void Execute(string file, string sql)
    {
        using (var pooled = new SqliteConnection(Connection(file, SqliteOpenMode.ReadWrite))) SqliteConnection.ClearPool(pooled);
        using (var pooled = new SqliteConnection(Connection(file, SqliteOpenMode.ReadWriteCreate))) SqliteConnection.ClearPool(pooled);
        using var connection = new SqliteConnection(Connection(file, SqliteOpenMode.ReadWrite) + ";Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA busy_timeout=15000;" + sql;
        command.ExecuteNonQuery();
    }

    private static string Connection(string file, SqliteOpenMode mode) => SqliteDb.ConnectionString(file, mode);

    private static void RemoveWithLogs(string file)
    {
        foreach (var suffix in new[] { "", "-wal", "-shm", "-journal" }) File.Delete(file + suffix);
    }
}
