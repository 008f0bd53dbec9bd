using System.Data.Common;
using Dashboard.Storage.Upgrades;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Dashboard.Storage;

/// <summary>The database in one file under the data root; migrations in MigrationsSqlite.</summary>
public sealed class SqliteDb(DbContextOptions<SqliteDb> options) : DashboardDb(options)
{
    /// <summary>
    /// Never makes the file, which only <see cref="SqliteUpgrade"/> does: an empty one in its place would hide that it is gone.
    /// </summary>
    internal static void Configure(DbContextOptionsBuilder options, string file, SqliteOpenMode mode = SqliteOpenMode.ReadWrite) => options
        .UseSqlite(ConnectionString(file, mode))
        .AddInterceptors(ConnectionSettings.Instance, ReadableRows.Instance);

    internal static string ConnectionString(string file, SqliteOpenMode mode) =>
        new SqliteConnectionStringBuilder { DataSource = file, ForeignKeys = true, Mode = mode }.ConnectionString;

    /// <summary>For the dotnet-ef tool.</summary>
    public sealed class Design : IDesignTimeDbContextFactory<SqliteDb>
    {
        public SqliteDb CreateDbContext(string[] args)
        {
            var options = new DbContextOptionsBuilder<SqliteDb>();
            Configure(options, "design.db", SqliteOpenMode.ReadWriteCreate);
            return new SqliteDb(options.Options);
        }
    }

    /// <summary>
    /// SQLite's own busy handler waits in small steps; without it the provider sleeps 150 ms per try. In WAL mode synchronous=NORMAL
    /// keeps the file whole through a power cut; a transaction lost that way is replayed from the trainer's journal.
    /// </summary>
    private sealed class ConnectionSettings : DbConnectionInterceptor
    {
        private const string Pragmas = "PRAGMA busy_timeout=15000; PRAGMA synchronous=NORMAL;";

        public static ConnectionSettings Instance { get; } = new();

        public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData)
        {
            using var command = connection.CreateCommand();
            command.CommandText = Pragmas;
            command.ExecuteNonQuery();
        }

        public override async Task ConnectionOpenedAsync(
            DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
        {
            await using var command = connection.CreateCommand();
            command.CommandText = Pragmas;
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }
}
