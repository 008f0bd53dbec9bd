using System.Data.Common;
using Microsoft.Data.Sqlite;
using Training.Core.Runs;

namespace Dashboard.Storage;

/// <summary>The data root or the database can't be used; the message says what, why and what to do.</summary>
public sealed class StorageException(string message, Exception? inner = null) : Exception(message, inner)
{
    internal const int SqliteBusy = 5;
    private const int SqliteReadOnly = 8, SqliteCorrupt = 11, SqliteFull = 13, SqliteCannotOpen = 14, SqliteNotADatabase = 26;

    /// <summary>The trouble passes by itself, or when somebody puts back what is away; what was asked for was not done.</summary>
    public bool IsOutage { get; init; }

    public static bool IsDiskFull(Exception exception) => exception switch
    {
        SqliteException { SqliteErrorCode: SqliteFull } => true,
        IOException => FullDisk.Is(exception),
        { InnerException: { } inner } => IsDiskFull(inner),
        _ => false,
    };

    /// <summary>Words for a failure of the file system or the database; null when it is about something else.</summary>
    /// <param name="place">The folder, file or server concerned, as people know it, such as "the data root /data".</param>
    public static StorageException? Explain(Exception exception, string place) => exception switch
    {
        StorageException known => known,
        UnauthorizedAccessException => new(
            $"{Begin(place)} can't be written: the account that runs the dashboard has no right to. Change its owner, or choose another "
                + "folder with --Dashboard:DataRoot=FOLDER.", exception),
        NoSpaceException => new(
            $"The disk that holds {place} is full: {exception.Message}. Free some space and try again; nothing was lost.", exception),
        _ when IsDiskFull(exception) => new(
            $"The disk that holds {place} is full. Free some space and try again; nothing was lost.", exception),
        SqliteException { SqliteErrorCode: SqliteBusy } => new(
            $"{Begin(place)} is locked by another program. Close what has it open and start again.", exception),
        SqliteException { SqliteErrorCode: SqliteReadOnly or SqliteCannotOpen } => new(
            $"{Begin(place)} can't be opened for writing. Check its owner and rights, or choose another folder with "
                + "--Dashboard:DataRoot=FOLDER.", exception),
        SqliteException { SqliteErrorCode: SqliteCorrupt or SqliteNotADatabase } => new(
            $"{Begin(place)} is damaged or not a database of the dashboard. Put back a copy of it (dashboard.db.before-upgrade-*), or "
                + "move it away to start with an empty one.", exception),
        IOException => new(
            $"{Begin(place)} can't be used: {exception.Message} Choose another folder with --Dashboard:DataRoot=FOLDER.", exception),
        DbException => new($"{Begin(place)} can't be used: {exception.Message}", exception),
        _ => null,
    };

    internal static string Begin(string place) => char.ToUpperInvariant(place[0]) + place[1..];
}
