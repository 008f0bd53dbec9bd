using Dashboard.Runs;
using Dashboard.Storage;
using Dashboard.Storage.Upgrades;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Training.Core.Recipes;
using Training.Core.Runs;

namespace Training.Tests.TestKit;

/// <summary>The stores over a database of their own, without a web app, at a clock that the test moves.</summary>
public sealed class TestStore : IAsyncDisposable
{
    public const string Machine = "testbox";

    private readonly TemporaryFolder _folder = new();
    private readonly ServiceProvider _services;

    private TestStore(string? dataRoot, string postgres)
    {
        DataRoot = dataRoot ?? _folder.Path;
        _services = new ServiceCollection()
            .AddLogging()
            .AddSingleton<TimeProvider>(Clock)
            .AddStorage()
            .AddSingleton<RunFeed>()
            .AddSingleton<RunStore>()
            .Configure<DashboardOptions>(options => (options.DataRoot, options.Postgres) = (DataRoot, postgres))
            .BuildServiceProvider();
    }

    /// <param name="dataRoot">Another store's, to see what survives a restart; null: a temporary one.</param>
    public static async Task<TestStore> OpenAsync(string? dataRoot = null, string postgres = "")
    {
        var store = new TestStore(dataRoot, postgres);
        try
        {
            await store.Get<DatabaseUpgrade>().RunAsync();
            return store;
        }
        catch
        {
            await store.DisposeAsync();
            throw;
        }
    }

    public string DataRoot { get; }
    public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    public RunStore Runs => Get<RunStore>();
    public RunFeed Feed => Get<RunFeed>();

    public T Get<T>() where T : notnull => _services.GetRequiredService<T>();

    public DashboardDb Database() => Get<IDbContextFactory<DashboardDb>>().CreateDbContext();

    public async Task<RunRow> QueueAsync(string name = "a run", string machine = "")
    {
        var run = new RunRow
        {
            Name = name, DatasetId = 1, DatasetName = "photos", BoundTo = machine, Classes = ["cat", "dog"], CreatedAt = Clock.GetUtcNow(),
            RecipeJson = System.Text.Json.JsonSerializer.Serialize(new Recipe { Dataset = "1" }, CoreJson.Options),
        };
        await Runs.AddAsync(run, _ => { }, default);
        return run;
    }

    /// <summary>A queued run that was taken by <see cref="Machine"/>: attempt 1.</summary>
    public async Task<RunRow> PreparingAsync(string name = "a run")
    {
        await QueueAsync(name);
        return (await Runs.TakeNextAsync(Machine, "hash"))!;
    }

    /// <summary>A run that trains and has stored sequence number 1.</summary>
    public async Task<RunRow> TrainingAsync(string name = "a run")
    {
        var run = await PreparingAsync(name);
        await Runs.ApplyAsync(run.Id, 1, Entries(1, new TrainingStarted(4, 10, 320, 80, "cpu", "fp32")));
        return run;
    }

    /// <summary>Journal entries numbered from <paramref name="first"/>.</summary>
    public IReadOnlyList<JournalEntry> Entries(long first, params IEnumerable<RunEvent> events) =>
        [.. events.Select((runEvent, index) => new JournalEntry(first + index, Clock.GetUtcNow(), runEvent))];

    public static IEnumerable<StepCompleted> Steps(int first, int count) =>
        Enumerable.Range(first, count).Select(step => new StepCompleted((step - 1) / 10 + 1, step, 1.0 / step, 1e-3, 100));

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        _folder.Dispose();
    }
}
