using Dashboard.Processes;
using Dashboard.Storage.Files;
using Dashboard.Storage.Words;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Dashboard.Storage.Outages;

/// <summary>
/// Looks every 2 seconds whether the data root is still the one that was opened, and while the database is away, whether it is back.
/// </summary>
internal sealed partial class OutageWatch(
    DataRoot root, StorageOutages outages, IDbContextFactory<DashboardDb> databases, Guard guard, IOptions<DashboardOptions> options,
    TimeProvider time,
    ILogger<OutageWatch> logger) : GuardedService("Looking after database and data root", guard)
{
    internal static readonly TimeSpan Look = TimeSpan.FromSeconds(2);

    /// <summary>A disk on the network that hangs keeps whoever asks it for minutes.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private const int LooksPerQuestion = 3;

    private Task<string?>? _look;

    protected override Task WorkAsync(CancellationToken cancellationToken)
    {
        var isServer = options.Value.Postgres.Length > 0;
        var looks = 0;
        // So that pages say it also where nobody asks for anything.
        return Guard.EveryAsync(Part, Look, looking => LookOnceAsync(
            askDatabase: outages.Database is not null || isServer && looks++ % LooksPerQuestion == 0, looking), cancellationToken);
    }

    /// <summary>Nothing that it meets comes out of it but what it tells <see cref="StorageOutages"/>.</summary>
    /// <exception cref="OperationCanceledException">By <paramref name="cancellationToken"/>.</exception>
    internal Task LookAsync(bool askDatabase, CancellationToken cancellationToken) =>
        Guard.TryAsync(Part, looking => LookOnceAsync(askDatabase, looking), cancellationToken);

    private async Task LookOnceAsync(bool askDatabase, CancellationToken cancellationToken)
    {
        await LookAtRootAsync(cancellationToken);
        if (askDatabase && outages.Current?.Kind != OutageKind.DataRoot) await AskDatabaseAsync(cancellationToken);
    }

    private async Task LookAtRootAsync(CancellationToken cancellationToken)
    {
        // Never two: the first one may hang in the system.
        if (_look is null or { IsCompleted: true }) _look = Task.Run(root.Look, cancellationToken);
        string? words;
        try
        {
            words = await _look.WaitAsync(Patience, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            words = StorageWords.DiskSilent(options.Value.DataRoot);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or StorageException)
        {
            words = StorageException.Explain(e, StorageWords.DataRoot(options.Value.DataRoot))!.Message;
        }
        if (words is not null)
        {
            if (outages.Current?.Kind != OutageKind.DataRoot) LogLost(words);
            outages.Begin(OutageKind.DataRoot, words);
        }
        else if (outages.Current?.Kind == OutageKind.DataRoot)
        {
            // Connections that were open lead to where it was.
            SqliteConnection.ClearAllPools();
            outages.End(OutageKind.DataRoot);
            LogBack(options.Value.DataRoot);
        }
    }

    private async Task AskDatabaseAsync(CancellationToken cancellationToken)
    {
        var was = outages.Database;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            await using var db = await databases.CreateDbContextAsync(patience.Token);
            await db.Datasets.AnyAsync(patience.Token);
            if (was is not null) LogAnswers(was.Since);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            outages.Begin(OutageKind.Database);
        }
        catch (Exception e) when (Outage.Of(e) is not null)
        {
            // Whoever stands at the connection has told it.
        }
    }

    [LoggerMessage(LogLevel.Error, "{Words}")]
    private partial void LogLost(string words);

    [LoggerMessage(LogLevel.Information, "The data root {Root} is back")]
    private partial void LogBack(string root);

    [LoggerMessage(LogLevel.Information, "The database, which was away since {Since}, answers again")]
    private partial void LogAnswers(DateTimeOffset since);
}
