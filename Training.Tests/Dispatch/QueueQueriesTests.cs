using System.Data.Common;
using System.Text;
using Dashboard.Dispatch;
using Dashboard.Peers;
using Dashboard.Storage;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Training.Core.Runs;
using Training.Tests.Dispatch.Trainers;
using Training.Tests.Processes;
using Training.Tests.TestKit;

namespace Training.Tests.Dispatch;

/// <summary>When the dispatcher looks into the queue, and when it leaves the database alone.</summary>
public sealed class QueueQueriesTests
{
    [Fact]
    public async Task Run_ThatReportsThousandsOfSteps_CausesNoQueryOfTheQueue()
    {
        var queries = new QueueQueries();
        await using var app = new DashboardApp(
            services: services => services.ConfigureDbContext<SqliteDb>(db => db.AddInterceptors(queries)));
        await TrainerStory.AddRunAsync(app);
        var run = (await app.Runs.TakeNextAsync("box", "hash"))!;
        await app.Runs.ApplyAsync(run.Id, 1, [Entry(1, new TrainingStarted(1000, 10, 80, 20, "cpu", "fp32"))]);
        var dispatcher = app.Get<IDispatcher>();
        // Its machine is known from here on.
        await dispatcher.LiveAsync(CancellationToken.None);
        using var taking = dispatcher.OnChange(() => dispatcher.TakeAsync("cpu", CancellationToken.None));
        // Listeners that were told of the beginning have asked by then.
        await TrainerStory.AddRunAsync(app, "waits");
        await Eventually.TrueAsync(async () => (await app.Runs.ListAsync()).All(each => each.State == RunState.Preparing
            || each.State == RunState.Training), "the dispatcher took what waits");
        await QuietAsync(queries);
        var before = queries.Count;

        for (var batch = 0; batch < 50; batch++)
            await app.Runs.ApplyAsync(run.Id, 1, [.. Enumerable.Range(1 + batch * 100, 100)
                .Select(step => Entry(step + 1, new StepCompleted((step - 1) / 10 + 1, step, 1.0 / step, 1e-3, 100)))]);
        await Task.Delay(2 * Dashboard.Processes.ChangeFeed.Interval);

        Assert.Equal(before, queries.Count);
        await TrainerStory.AddRunAsync(app, "one more");
        await Eventually.TrueAsync(() => queries.Count > before, "a queued run is looked for");
    }

    [Theory]
    [InlineData("""{"runs":[],"queue":true""")]
    [InlineData("""{"runs":[7]""")]
    public async Task News_OfAnotherDashboardThatMayConcernTheQueue_WakeTheDispatcher(string begin)
    {
        await using var app = new DashboardApp();
        var calls = new ListenerCalls();
        using var subscription = app.Get<IDispatcher>().OnChange(calls.AddAsync);

        // Without the queue: as a dashboard of an earlier version says it.
        var news = begin + ""","from":"other","datasets":false,"machines":false,"contacts":false,"visitors":[],"reports":[]}""";
        app.Get<ChangeNotes>().Tell(PeerNews.Parse(Encoding.UTF8.GetBytes(news))!);

        await calls.WaitForAsync(1);
    }

    [Fact]
    public async Task Silence_BetweenDashboards_WakesTheDispatcher()
    {
        await using var app = new DashboardApp();
        var calls = new ListenerCalls();
        using var subscription = app.Get<IDispatcher>().OnChange(calls.AddAsync);

        app.Get<ChangeNotes>().TellAnything();

        await calls.WaitForAsync(1);
    }

    private static JournalEntry Entry(long sequence, RunEvent happened) => new(sequence, DateTimeOffset.UnixEpoch, happened);

    /// <summary>Until all that was told before has been heard.</summary>
    private static async Task QuietAsync(QueueQueries queries)
    {
        var before = -1;
        while (before != queries.Count)
        {
            before = queries.Count;
            await Task.Delay(5 * Dashboard.Processes.ChangeFeed.Interval);
        }
    }

    /// <summary>Counts statements that ask how many wait, or which is the next.</summary>
    private sealed class QueueQueries : DbCommandInterceptor
    {
        private int _count;

        public int Count => Volatile.Read(ref _count);

        public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
            DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result,
            CancellationToken cancellationToken = default)
        {
            if (command.CommandText.Contains("GROUP BY \"r\".\"State\"", StringComparison.Ordinal)
                || command.CommandText.Contains("ORDER BY \"r\".\"Priority\"", StringComparison.Ordinal)) Interlocked.Increment(ref _count);
            return base.ReaderExecutingAsync(command, eventData, result, cancellationToken);
        }
    }
}
