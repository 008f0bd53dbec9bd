using System.Data.Common;
using Dashboard.Processes;
using Dashboard.Storage.Words;
using Microsoft.Data.Sqlite;
using Training.Core.Runs;

namespace Dashboard.Storage;

/// <summary>The data root or the database can't be used; the message says what, why and what to do.</summary>
public sealed class StorageException(string message, Exception? inner = null) : RefusalException(message, inner)
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
        UnauthorizedAccessException => new(StorageWords.NoRight(place), exception),
        NoSpaceException => new(StorageWords.DiskTooFull(place, exception.Message), exception),
        _ when IsDiskFull(exception) => new(StorageWords.DiskFull(place), exception),
        SqliteException { SqliteErrorCode: SqliteBusy } => new(StorageWords.LockedByAnotherProgram(place), exception),
        SqliteException { SqliteErrorCode: SqliteReadOnly or SqliteCannotOpen } => new(StorageWords.CantBeOpened(place), exception),
        SqliteException { SqliteErrorCode: SqliteCorrupt or SqliteNotADatabase } =>
            new(StorageWords.DatabaseDamaged(place), exception),
        IOException => new(StorageWords.FolderCantBeUsed(place, exception.Message), exception),
        DbException => new(StorageWords.CantBeUsed(place, exception.Message), exception),
        _ => null,
    };
}
