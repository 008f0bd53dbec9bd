using System.Data;
using Dashboard.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Npgsql;

namespace Dashboard.Terminal.Backups;

/// <summary>
/// The rows of a PostgreSQL database, read in one snapshot and put back into an empty one, over the connection that the dashboard has
/// anyway: PostgreSQL's own programs are often not there, or of another version than the server.
/// </summary>
internal static class DatabaseExport
{
    private const int BlockBytes = 1 << 16;

    /// <summary>All tables, those first that others refer to.</summary>
    public static IReadOnlyList<BackupTable> Tables(DashboardDb db)
    {
        var left = db.Model.GetRelationalModel().Tables.OrderBy(table => table.Name, StringComparer.Ordinal).ToList();
        var ordered = new List<BackupTable>();
        while (left.Count > 0)
        {
            var next = left.First(table =>
                !table.ForeignKeyConstraints.Any(key => key.PrincipalTable != table && left.Contains(key.PrincipalTable)));
            left.Remove(next);
            ordered.Add(new BackupTable(next.Name, [.. next.Columns.Select(column => column.Name)], $"database/{next.Name}.copy",
                Identity(next)));
        }
        return ordered;
    }

    /// <summary>One transaction over all tables sees one moment, whatever is written meanwhile.</summary>
    public static async Task<NpgsqlTransaction> SnapshotAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        await using var command = new NpgsqlCommand("SET TRANSACTION READ ONLY; SELECT 1", connection, transaction);
        await command.ExecuteScalarAsync(cancellationToken);
        return transaction;
    }

    public static async Task ReadAsync(NpgsqlConnection connection, BackupTable table, Stream target, CancellationToken cancellationToken)
    {
        await using var rows = await connection.BeginRawBinaryCopyAsync($"COPY {Quote(table.Name)} ({Columns(table)}) TO STDOUT (FORMAT "
            + "BINARY)", cancellationToken);
        await rows.CopyToAsync(target, BlockBytes, cancellationToken);
    }

    public static async Task WriteAsync(NpgsqlConnection connection, BackupTable table, Stream source, CancellationToken cancellationToken)
    {
        await using (var rows = await connection.BeginRawBinaryCopyAsync($"COPY {Quote(table.Name)} ({Columns(table)}) FROM STDIN (FORMAT "
            + "BINARY)", cancellationToken))
            await source.CopyToAsync(rows, BlockBytes, cancellationToken);
        if (table.Identity.Length == 0) return;
        await using var count = new NpgsqlCommand(
            $"SELECT setval(pg_get_serial_sequence('{Quote(table.Name)}', '{table.Identity}'), coalesce(max({Quote(table.Identity)}), 0) "
                + $"+ 1, false) FROM {Quote(table.Name)}", connection);
        await count.ExecuteScalarAsync(cancellationToken);
    }

    private static string Identity(ITable table) => table.Columns.FirstOrDefault(column => column.PropertyMappings.Any(mapping =>
        mapping.Property.ValueGenerated == ValueGenerated.OnAdd && mapping.Property.ClrType == typeof(int)))?.Name ?? "";

    private static string Columns(BackupTable table) => string.Join(", ", table.Columns.Select(Quote));

    private static string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
