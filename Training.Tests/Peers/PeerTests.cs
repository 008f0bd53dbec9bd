using Dashboard.Access.Accounts;
using Dashboard.Access.Visitors;
using Dashboard.Machines;
using Dashboard.Runs;
using Dashboard.Storage;
using Training.Core.Runs;
using Training.Tests.Api.Watching;
using Training.Tests.Dispatch.Trainers;
using Training.Tests.Storage;
using Training.Tests.TestKit;

namespace Training.Tests.Peers;

/// <summary>Two dashboards over one database, one data root and one Redis.</summary>
[Collection(SeveralDashboards.Name)]
public sealed class PeerTests(PostgresServer postgres, RedisServer redis) : IAsyncLifetime, IDisposable
{
    private readonly TemporaryFolder _root = new();
    private string _database = "";
    private DashboardApp _one = null!, _other = null!;

    public async Task InitializeAsync()
    {
        _database = await postgres.NewDatabaseAsync();
        _one = Open("one");
        _other = Open("other");
    }

    public async Task DisposeAsync()
    {
        // Null where a server is missing and the test was skipped.
        foreach (var app in (DashboardApp?[])[_other, _one])
            if (app is not null) await app.DisposeAsync();
    }

    public void Dispose() => _root.Dispose();

    [SkippableFact]
    public async Task Duty_OfADashboardThatEnds_IsTheOthersAndContactStaysWhatItIs()
    {
        await Eventually.TrueAsync(() => _one.Get<Leadership>().IsMine || _other.Get<Leadership>().IsMine, "one has the duty");
        var (first, second) = _one.Get<Leadership>().IsMine ? (_one, _other) : (_other, _one);
        await Task.Delay(TimeSpan.FromSeconds(1));
        Assert.False(second.Get<Leadership>().IsMine);

        // A machine that is connected to one of them is away for neither, until that one ends.
        second.Get<MachineContacts>().MachineCame("box", "a connection");
        second.Get<MachineContacts>().TrainerCame(7, 2, "another one");
        await Eventually.TrueAsync(() => first.Get<MachineContacts>().MachineAwaySince("box") is null, "the other one knows");
        Assert.True(first.Get<MachineContacts>().HasTrainerCome(7, 2));
        Assert.False(first.Get<MachineContacts>().HasTrainerCome(7, 1));
        second.Get<MachineContacts>().MachineWent("box", "a connection");
        await Eventually.TrueAsync(() => first.Get<MachineContacts>().MachineAwaySince("box") is not null, "it left");
        first.Get<MachineContacts>().MachineCame("box", "a later one");
        await Eventually.TrueAsync(() => second.Get<MachineContacts>().MachineAwaySince("box") is null, "it came back");

        await first.DisposeAsync();

        await Eventually.TrueAsync(() => second.Get<Leadership>().IsMine, "the duty has moved");
        await Eventually.TrueAsync(() => second.Get<MachineContacts>().MachineAwaySince("box") is not null,
            "what was connected there is away");
        Assert.Null(second.Get<MachineContacts>().TrainerAwaySince(7, 2));
    }

    [SkippableFact]
    public async Task Session_EndedAtOneDashboard_IsOverAtTheOther()
    {
        var ada = await Elsewhere.AccountAsync(_one, AccountRole.Viewer);
        var key = await _one.Get<SessionStore>().BeginAsync(ada.Id, "Firefox on Linux", "192.0.2.7");
        var told = new TaskCompletionSource();
        using var subscription = _other.Get<VisitorFeed>().Subscribe(_ => true, () =>
        {
            told.TrySetResult();
            return Task.CompletedTask;
        });
        Assert.Equal("ada", (await _other.Get<SessionStore>().FindAsync(key))?.Name);

        await _one.Get<SessionStore>().EndAllAsync(ada.Id);

        Assert.Null(await _other.Get<SessionStore>().FindAsync(key));
        await told.Task.WaitAsync(TimeSpan.FromSeconds(30));
        // A lock by wrong passwords holds at both, too.
        await Task.WhenAll(Enumerable.Range(0, 8)
            .Select(i => (i % 2 == 0 ? _one : _other).Get<AccountStore>().CheckAsync("ada", "wrong horse battery")));
        Assert.Null(await _other.Get<AccountStore>().CheckAsync("ada", Elsewhere.Password));
    }

    [SkippableFact]
    public async Task Redis_ThatDies_MakesPagesSlowerNotWrongAndIsBackByItself()
    {
        await TrainerStory.AddRunAsync(_one);
        var run = (await _one.Runs.TakeNextAsync("box", "hash"))!;
        await using var watcher = await Watcher.ConnectAsync(_other);
        await watcher.WatchAsync(run.Id);
        await ApplyAsync(1, new TrainingStarted(5, 10, 80, 20, "cpu", "fp32"));
        await StepsAsync(from: 1, to: 10);
        await watcher.UntilAsync(batch => batch.Steps.Any(step => step.Step == 10));
        Assert.Equal(10, (await CurveAsync()).Total);

        await redis.KillAsync();
        await StepsAsync(from: 11, to: 20);
        await watcher.UntilAsync(batch => batch.Steps.Any(step => step.Step == 20));
        // Curves that are kept in memory are looked at again every two seconds.
        await Eventually.TrueAsync(async () => (await CurveAsync()).Total == 20, "the curve has what the watcher has");
        await Eventually.TrueAsync(
            async () => (await HealthAsync()).Contains("Redis doesn't answer since", StringComparison.Ordinal),
            "the health says that Redis is away");
        // Who comes now is let in.
        await using (var late = await Watcher.ConnectAsync(_other))
        {
            await late.WatchAsync(run.Id);
            Assert.Equal(20, (await late.NextAsync()).Steps.Count);
        }

        await redis.StartAsync();
        await Eventually.TrueAsync(async () => !(await HealthAsync()).Contains("Redis", StringComparison.Ordinal), "Redis is back");
        await StepsAsync(from: 21, to: 30);
        await watcher.UntilAsync(batch => batch.Steps.Any(step => step.Step == 30));
        // The trainer has moved over: its dashboard knows what the other one stored.
        await StepsAsync(from: 31, to: 40, _other);
        Assert.Equal(40, (await CurveAsync()).Total);
        Assert.Equal(40, (await CurveAsync(_one)).Total);
    }

    private DashboardApp Open(string name) => DashboardApp.Listening(dataRoot: _root.Path, settings: new Dictionary<string, string>
    {
        ["Dashboard:Postgres"] = _database, ["Dashboard:Redis"] = redis.Connection, ["Dashboard:Name"] = name,
    });

    private Task<long> StepsAsync(int from, int to, DashboardApp? app = null) =>
        ApplyAsync(from + 1, [.. Enumerable.Range(from, to - from + 1).Select(step => new StepCompleted(1, step, 0.5, 0.01, 100))], app);

    private Task<long> ApplyAsync(long sequence, RunEvent only) => ApplyAsync(sequence, [only], null);

    private Task<long> ApplyAsync(long sequence, IReadOnlyList<RunEvent> events, DashboardApp? app) => (app ?? _one).Runs.ApplyAsync(
        1, 1, [.. events.Select((item, index) => new JournalEntry(sequence + index, TimeProvider.System.GetUtcNow(), item))]);

    private async Task<Training.Core.Metrics.CurveView> CurveAsync(DashboardApp? app = null)
    {
        var view = await (app ?? _other).Runs.CurveAsync(1, RunSeries.TrainLoss);
        if (app is null) return view;
        await Eventually.TrueAsync(async () => (view = await app.Runs.CurveAsync(1, RunSeries.TrainLoss)).Total == 40, "it has heard");
        return view;
    }

    private async Task<string> HealthAsync()
    {
        using var http = new HttpClient();
        return await http.GetStringAsync(new Uri(_other.Url, "health"));
    }
}
