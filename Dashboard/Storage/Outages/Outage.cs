using Dashboard.Storage.Words;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Dashboard.Storage.Outages;

/// <summary>A time during which what the dashboard keeps can't be reached; it passes without a restart.</summary>
/// <param name="Words">For the data root, what has become of it.</param>
public sealed record Outage(OutageKind Kind, DateTimeOffset Since, string Words = "")
{
    /// <summary>For programs: when to ask again.</summary>
    public const string RetryAfterSeconds = "5";

    private const int SqliteBusy = 5, SqliteLocked = 6, SqliteIoError = 10, SqliteCannotOpen = 14;

    /// <summary>What an exception, or the one within it, says of an outage; null when it is about something else.</summary>
    public static OutageKind? Of(Exception exception) => exception switch
    {
        StorageException { IsOutage: true } => OutageKind.DataRoot,
        PostgresException refused => IsAway(refused.SqlState) ? OutageKind.Database : null,
        NpgsqlException { IsTransient: true } => OutageKind.Database,
        SqliteException { SqliteErrorCode: SqliteBusy or SqliteLocked or SqliteIoError or SqliteCannotOpen } => OutageKind.Database,
        { InnerException: { } inner } => Of(inner),
        _ => null,
    };

    /// <summary>What somebody reads who asked for something that was not done.</summary>
    public static string NotDone(Exception exception) => Of(exception) switch
    {
        not OutageKind.Database when Within<StorageException>(exception) is { } known => known.Message,
        _ => StorageWords.DatabaseSilent,
    };

    /// <summary>Going down, coming up, broken or full; not what it says of a statement.</summary>
    private static bool IsAway(string state) =>
        state.StartsWith("08", StringComparison.Ordinal) || state.StartsWith("57P0", StringComparison.Ordinal)
        || state is PostgresErrorCodes.TooManyConnections;

    private static T? Within<T>(Exception? exception) where T : Exception =>
        exception is null or T ? exception as T : Within<T>(exception.InnerException);
}

public enum OutageKind { Database, DataRoot }
