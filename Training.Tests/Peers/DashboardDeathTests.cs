using System.Net.Http.Headers;
using Dashboard.Access.Accounts;
using Dashboard.Api.Watching;
using Dashboard.Machines;
using Dashboard.Protocol;
using Dashboard.Storage;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Training.Core.Runs;
using Training.Tests.Dispatch.Trainers;
using Training.Tests.Storage;
using Training.Tests.TestKit;
using Training.Tests.TestProcesses;

namespace Training.Tests.Peers;

/// <summary>
/// Two dashboards behind a proxy, a machine that trains and people who look, all of them real processes: one dashboard dies, then the
/// other.
/// </summary>
[Collection(SeveralDashboards.Name)]
public sealed class DashboardDeathTests(PostgresServer postgres, RedisServer redis, Browser browser) : IAsyncLifetime, IDisposable
{
    private const int Run = 1;
    private const string OnDuty = "looks after the machines now";

    private readonly TemporaryFolder _root = new(), _box = new();
    private readonly List<int> _steps = [];
    private string _database = "", _apiToken = "", _joinToken = "";
    private DashboardProcess _one = null!, _other = null!;
    private AgentProcess? _agent;

    public async Task InitializeAsync()
    {
        _database = await postgres.NewDatabaseAsync();
        _ = redis.Connection;
        var settings = new Dictionary<string, string> { ["Dashboard:Postgres"] = _database };
        await TinyRun.QueueAsync(_root, epochs: 10_000, small: true, settings);
        await using (var app = new DashboardApp(_root.Path, settings))
        {
            await Elsewhere.AccountAsync(app, AccountRole.Member);
            _apiToken = await app.Get<ApiTokens>().MakeAsync("test", AccountRole.Member, "a test");
            _joinToken = await app.Get<MachineStore>().CreateTokenAsync("test");
        }
        _one = await StartAsync("one");
        _other = await StartAsync("other");
    }

    public async Task DisposeAsync()
    {
        if (_agent is not null) await _agent.DisposeAsync();
        // Null where a server is missing and the test was skipped.
        foreach (var dashboard in (DashboardProcess?[])[_one, _other])
            if (dashboard is not null) await dashboard.DisposeAsync();
        if (_other is not null) await Stored.KillTrainersAsync();
    }

    public void Dispose()
    {
        _box.Dispose();
        _root.Dispose();
    }

    [SkippableFact]
    public async Task Dashboards_KilledInTurn_LoseNothingAndWhoeverLooksGoesOnWithTheOther()
    {
        // People come to the one, machines to the other, each elsewhere when theirs is gone.
        await using var people = new CutProxy(_one.Url) { Otherwise = _other.Url };
        await using var machines = new CutProxy(_other.Url) { Otherwise = _one.Url };
        _agent = AgentProcess.Start(_box.Path, machines.Url, "box", _joinToken);
        await using var watcher = await WatchAsync(people.Url);
        await using var page = await SignInAsync(people.Url);
        await StepsAsync(5);
        await HeardAsync(5);
        Assert.Contains(OnDuty, _one.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(OnDuty, _other.Output, StringComparison.Ordinal);

        page.ExpectsErrors = true;
        await page.Page.EvaluateAsync("window.former = true");
        await _one.KillAsync();

        // The page comes back by itself, as it was, without another sign-in.
        await Eventually.TrueAsync(async () =>
        {
            try
            {
                return await page.Page.EvaluateAsync<bool>("!window.former");
            }
            catch (Microsoft.Playwright.PlaywrightException)
            {
                // On its way from one page to the next.
                return false;
            }
        }, "the page has loaded itself again");
        await page.LiveAsync();
        Assert.EndsWith($"/runs/{Run}?tab=log", page.Page.Url, StringComparison.Ordinal);
        Assert.Contains("tiny", await page.Page.Locator("h1").InnerTextAsync(), StringComparison.Ordinal);
        await Eventually.TrueAsync(() => _other.Output.Contains(OnDuty, StringComparison.Ordinal), "the other one has the duty");
        var step = await MoreStepsAsync();
        await HeardAsync(step);

        _one = await StartAsync("one");
        people.Target = _one.Url;
        machines.Otherwise = _one.Url;
        await _other.KillAsync();
        step = await MoreStepsAsync();
        await HeardAsync(step);
        _other = await StartAsync("other");
        await Eventually.TrueAsync(async () => (await Stored.GetAsync()).LostContactAt is null, "contact is there");
        Assert.Equal((1, RunState.Training), ((await Stored.GetAsync()).Attempt, (await Stored.GetAsync()).State));

        // The machine is connected to the first one by now; the word comes from the other.
        await PostAsync(_other.Url, $"api/runs/{Run}/stop");
        Assert.Equal(RunState.Stopped, (await Stored.EndAsync()).State);
        await Eventually.TrueAsync(
            async () => (await TrainerLogAsync()).Contains("Somebody asked the run to stop.", StringComparison.Ordinal),
            "the log says who ended it");
        await Stored.AssertNoStepIsMissingOrDoubledAsync();
    }

    private Task<DashboardProcess> StartAsync(string name) => DashboardProcess.StartAsync(
        _root.Path, "--Dashboard:Postgres", _database, "--Dashboard:Redis", redis.Connection, "--Dashboard:Name", name,
        "--Dashboard:TrainHere", "false",
        "--Dashboard:SignInHere", "true");

    private async Task<HubConnection> WatchAsync(Uri url)
    {
        var connection = new HubConnectionBuilder()
            .WithUrl(new Uri(url, IProgressHub.Path), HttpTransportType.WebSockets, http => http.AccessTokenProvider = () =>
                Task.FromResult<string?>(_apiToken))
            .WithAutomaticReconnect(new EverySecond())
            .AddJsonProtocol(json => CoreJson.Apply(json.PayloadSerializerOptions))
            .Build();
        connection.On<ProgressBatch>(IProgressHub.Message, batch =>
        {
            lock (_steps) _steps.AddRange(batch.Steps.Select(step => step.Step));
        });
        connection.Reconnected += _ => connection.InvokeAsync(nameof(IProgressHub.Watch), Run);
        await connection.StartAsync();
        await connection.InvokeAsync(nameof(IProgressHub.Watch), Run);
        return connection;
    }

    private async Task<BrowserPage> SignInAsync(Uri url)
    {
        var page = await browser.OpenSignedOutAsync(url, $"/sign-in?to=%2Fruns%2F{Run}%3Ftab%3Dlog");
        await page.Page.FillAsync("[name='Given.Name']", "ada");
        await page.Page.FillAsync("[name='Given.Password']", Elsewhere.Password);
        await page.Page.ClickAsync("button[type=submit]");
        await page.LiveAsync();
        return page;
    }

    private StoredRun Stored => new(Database, Run);

    private Task StepsAsync(int count) => Stored.SeeStepsAsync(count, () => $"{_one.Output}\n{_other.Output}\n{_agent!.Output}");

    private async Task<int> MoreStepsAsync()
    {
        var step = (await Stored.GetAsync()).Step + 10;
        await StepsAsync(step);
        return step;
    }

    /// <summary>The watcher has heard every step up to one; after it came back it is told all again.</summary>
    private async Task HeardAsync(int step) => await Eventually.TrueAsync(() =>
    {
        lock (_steps) return Enumerable.Range(1, step).All(_steps.Contains);
    }, $"every step up to {step} has been heard");

    private PostgresDb Database()
    {
        var options = new DbContextOptionsBuilder<PostgresDb>();
        PostgresDb.Configure(options, _database);
        return new PostgresDb(options.Options);
    }

    private async Task PostAsync(Uri dashboard, string path)
    {
        using var http = new HttpClient();
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", _apiToken);
        using var response = await http.PostAsync(new Uri(dashboard, path), null);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
    }

    private Task<string> TrainerLogAsync() => File.ReadAllTextAsync(_box.In("runs", "1", "trainer.log"));

    private sealed class EverySecond : IRetryPolicy
    {
        public TimeSpan? NextRetryDelay(RetryContext retryContext) => TimeSpan.FromSeconds(1);
    }
}
