using Dashboard.Storage.Outages;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql.EntityFrameworkCore.PostgreSQL;

namespace Dashboard.Storage;

/// <summary>
/// Bridges a connection that broke and a server that comes back within seconds; in a longer outage nobody is kept waiting, since each page
/// and program is told. Within a transaction nothing is tried again: what went with it, such as files in their place, was done once.
/// </summary>
internal sealed class PostgresRetry(ExecutionStrategyDependencies context, StorageOutages outages)
    : NpgsqlRetryingExecutionStrategy(context)
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(200), Patience = TimeSpan.FromSeconds(3);

    private const int Most = 4;

    // The base refuses transactions that it did not begin.
    protected override void OnFirstExecution() => ExceptionsEncountered.Clear();

    protected override bool ShouldRetryOn(Exception? exception) =>
        Dependencies.CurrentContext.Context.Database.CurrentTransaction is null && base.ShouldRetryOn(exception);

    protected override TimeSpan? GetNextDelay(Exception lastException) =>
        ExceptionsEncountered.Count > Most || outages.Database is { } outage && outages.AgeOf(outage) > Patience
            ? null : First * Math.Pow(2, ExceptionsEncountered.Count - 1);
}
