using System.Data.Common;
using Dashboard.Storage.Files;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Dashboard.Storage.Outages;

/// <summary>
/// Stands at every connection to the database: sees when it doesn't answer and when it does again, and keeps an SQLite file from being
/// written that nobody would find again. Dashboards over PostgreSQL can be read without their data root.
/// </summary>
internal sealed class OutageGate(DataRoot root, StorageOutages outages)
    : IDbConnectionInterceptor, IDbCommandInterceptor, IDbTransactionInterceptor
{
    InterceptionResult IDbConnectionInterceptor.ConnectionOpening(DbConnection connection, ConnectionEventData eventData,
        InterceptionResult result)
    {
        ThrowIfLost(connection);
        return result;
    }

    ValueTask<InterceptionResult> IDbConnectionInterceptor.ConnectionOpeningAsync(
        DbConnection connection, ConnectionEventData eventData, InterceptionResult result, CancellationToken cancellationToken)
    {
        ThrowIfLost(connection);
        return ValueTask.FromResult(result);
    }

    void IDbConnectionInterceptor.ConnectionFailed(DbConnection connection, ConnectionErrorEventData eventData) =>
        Note(eventData.Exception);

    Task IDbConnectionInterceptor.ConnectionFailedAsync(DbConnection connection, ConnectionErrorEventData eventData,
        CancellationToken cancellationToken)
    {
        Note(eventData.Exception);
        return Task.CompletedTask;
    }

    void IDbCommandInterceptor.CommandFailed(DbCommand command, CommandErrorEventData eventData) => Note(eventData.Exception);

    Task IDbCommandInterceptor.CommandFailedAsync(DbCommand command, CommandErrorEventData eventData, CancellationToken cancellationToken)
    {
        Note(eventData.Exception);
        return Task.CompletedTask;
    }

    void IDbTransactionInterceptor.TransactionFailed(DbTransaction transaction, TransactionErrorEventData eventData) =>
        Note(eventData.Exception);

    Task IDbTransactionInterceptor.TransactionFailedAsync(DbTransaction transaction, TransactionErrorEventData eventData,
        CancellationToken cancellationToken)
    {
        Note(eventData.Exception);
        return Task.CompletedTask;
    }

    ValueTask<DbDataReader> IDbCommandInterceptor.ReaderExecutedAsync(
        DbCommand command, CommandExecutedEventData eventData, DbDataReader result, CancellationToken cancellationToken) =>
            ValueTask.FromResult(Answered(result));

    ValueTask<int> IDbCommandInterceptor.NonQueryExecutedAsync(
        DbCommand command, CommandExecutedEventData eventData, int result, CancellationToken cancellationToken) =>
            ValueTask.FromResult(Answered(result));

    ValueTask<object?> IDbCommandInterceptor.ScalarExecutedAsync(
        DbCommand command, CommandExecutedEventData eventData, object? result, CancellationToken cancellationToken) =>
            ValueTask.FromResult(Answered(result));

    private void ThrowIfLost(DbConnection connection)
    {
        if (connection is SqliteConnection) root.ThrowIfLost();
    }

    private void Note(Exception exception)
    {
        // What has become of the data root the watch over it says better.
        if (Outage.Of(exception) == OutageKind.Database) outages.Begin(OutageKind.Database);
    }

    private T Answered<T>(T result)
    {
        outages.End(OutageKind.Database);
        return result;
    }
}
