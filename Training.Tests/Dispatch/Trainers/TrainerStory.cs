using System.Text.Json;
using Dashboard.Datasets;
using Dashboard.Dispatch;
using Dashboard.Dispatch.Hubs;
using Dashboard.Dispatch.Trainers;
using Dashboard.Machines;
using Dashboard.Machines.Devices;
using Dashboard.Protocol;
using Dashboard.Runs;
using Dashboard.Runs.Artifacts;
using Dashboard.Storage;
using Dashboard.Storage.Files;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Training.Core.Data;
using Training.Core.Engine;
using Training.Core.Recipes;
using Training.Core.Runs;
using Training.Tests.TestKit;

namespace Training.Tests.Dispatch.Trainers;

/// <summary>A listening dashboard with one run that a trainer in this process trains, in a way that the test decides.</summary>
internal sealed class TrainerStory : IAsyncDisposable
{
    public const string Machine = "testbox";

    private readonly TemporaryFolder _root;
    private readonly bool _isOwn;

    private TrainerStory(LogLines? log, TemporaryFolder? root)
    {
        (_root, _isOwn) = (root ?? new TemporaryFolder(), root is null);
        // The name that the dashboard's own machine keeps there.
        File.WriteAllText(_root.In("machine.txt"), Machine);
        App = DashboardApp.Listening(
        dataRoot: _root.Path, services: services =>
        {
            if (log is not null) services.AddSingleton<ILoggerProvider>(log);
        });
    }

    public DashboardApp App { get; private set; }
    public RunRow Run { get; private set; } = null!;
    public string Token { get; } = AttemptToken.Create();
    public StringWriter Log { get; } = new();

    public RunFolder Folder => App.Get<IOptions<DashboardOptions>>().Value.RunFolder(Run.Id);

    public TrainerOptions Options => new() { RunFolder = Folder.Path, RunId = Run.Id, Attempt = 1, Server = App.Url };

    /// <summary>The run is taken: Preparing, attempt 1, and nothing trains it yet.</summary>
    /// <param name="log">Hears what the dashboard logs.</param>
    /// <param name="root">The dashboard's data root, such as a small disk's place; stays the caller's.</param>
    public static async Task<TrainerStory> BeginAsync(LogLines? log = null, TemporaryFolder? root = null)
    {
        var story = new TrainerStory(log, root);
        await AddRunAsync(story.App);
        story.Run = (await story.App.Runs.TakeNextAsync(Machine, AttemptToken.Hash(story.Token)))!;
        return story;
    }

    public static async Task<RunRow> AddRunAsync(DashboardApp app, string name = "a run")
    {
        var recipe = new Recipe { Dataset = "1", Name = name, Epochs = 1000 };
        var run = new RunRow
        {
            Name = name, DatasetName = "shapes", RecipeJson = JsonSerializer.Serialize(recipe, CoreJson.Options),
            Classes = ["cat", "dog"], Epochs = recipe.Epochs, CreatedAt = DateTimeOffset.UnixEpoch,
        };
        var manifest = new DatasetManifest("shapes", "/nowhere", run.Classes, []);
        await app.Runs.AddAsync(run, id => app.Get<IOptions<DashboardOptions>>().Value.RunFolder(id).Write(recipe, manifest), default);
        return run;
    }

    /// <summary>Done when the trainer was asked to pause.</summary>
    public TaskCompletionSource Paused { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public TrainerHost Trainer(Func<TrainingRequest, CancellationToken, Ended> train, string? token = null) =>
        new(Options, token ?? Token, new TrainerLog(TextWriter.Synchronized(Log)), TimeProvider.System)
        {
            Create = request => new TrainingWork(
                cancellationToken => train(request, cancellationToken), () =>
                    FakeTraining.End(request, RunOutcome.Stopped, "Stopped in the middle of a step"), () => Paused.TrySetResult()),
        };

    /// <summary>The dashboard goes away and comes back on another port, over the same data.</summary>
    public async Task RestartDashboardAsync(Func<Task> meanwhile)
    {
        await App.DisposeAsync();
        await meanwhile();
        App = DashboardApp.Listening(dataRoot: _root.Path);
        ServerFile.Write(Folder, App.Url);
    }

    /// <summary>That of the dashboard's own machine, which is this one here.</summary>
    public IDispatcher Dispatcher(TrainerLink link, TimeProvider time) => new LocalDispatcher(
        new RunDispatch(App.Runs, App.Get<RunFiles>(), App.Get<DatasetStore>(), App.Get<MachineStore>(),
            App.Get<IOptions<DashboardOptions>>(), time), App.Get<RunFeed>(), App.Get<LocalMachine>(), App.Get<MachineStore>(),
            App.Get<DataRoot>(), link, App.Get<ServerAddress>());

    /// <summary>What the door does when somebody presses Stop.</summary>
    public async Task StopAsync()
    {
        await App.Runs.RequestStopAsync(Run.Id, default);
        await App.Get<TrainerLink>().StopAsync(new AttemptId(Run.Id, 1));
    }

    public async Task<RunRow> StateAsync() => (await App.Runs.GetAsync(Run.Id))!;

    /// <summary>Every step in the database, in order.</summary>
    public async Task<List<int>> StepsAsync()
    {
        await using var db = App.Database();
        return await db.Steps.Where(row => row.RunId == Run.Id).OrderBy(row => row.Step).Select(row => row.Step).ToListAsync();
    }

    public IReadOnlyList<JournalEntry> Journal() => Training.Core.Runs.Journal.Read(Folder.Journal(1));

    public async ValueTask DisposeAsync()
    {
        await App.DisposeAsync();
        await Log.DisposeAsync();
        if (_isOwn) _root.Dispose();
    }
}
