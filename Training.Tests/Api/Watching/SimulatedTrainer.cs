using System.Text.Json;
using Dashboard.Dispatch.Trainers;
using Dashboard.Protocol;
using Dashboard.Storage;
using Microsoft.Extensions.Options;
using Training.Core.Data;
using Training.Core.Recipes;
using Training.Core.Runs;
using Training.Tests.TestKit;

namespace Training.Tests.Api.Watching;

/// <summary>
/// A trainer without a model: its journal, its sink and its connection are the real ones, so that what it says travels as everything
/// that a trainer says.
/// </summary>
internal sealed class SimulatedTrainer : IDisposable
{
    private const int StepsPerEpoch = 200, Epochs = 1000;

    private readonly Journal _journal;
    private readonly string _token;
    private readonly TrainerOptions _options;
    private readonly TrainerLog _log = new(TextWriter.Null);
    private int _step;

    private SimulatedTrainer(TrainerOptions options, string token)
    {
        (_options, _token) = (options, token);
        _journal = Journal.Open(options.Folder.Journal(options.Attempt), TimeProvider.System);
    }

    public int RunId => _options.RunId;

    /// <summary>When each step was reported, in Unix milliseconds; the first is that of step <see cref="First"/>.</summary>
    public List<double> ReportedAt { get; } = [];

    /// <summary>The first step that is reported live.</summary>
    public int First { get; private set; }

    /// <summary>A run that another machine has taken, with some steps behind it.</summary>
    public static async Task<SimulatedTrainer> BeginAsync(DashboardApp app, string name, int steps)
    {
        var recipe = new Recipe { Dataset = "1", Name = name, Epochs = Epochs };
        var folders = app.Get<IOptions<DashboardOptions>>().Value;
        var run = new RunRow
        {
            Name = name, DatasetName = "photos", Classes = ["cat", "dog"], Epochs = Epochs, CreatedAt = TimeProvider.System.GetUtcNow(),
            RecipeJson = JsonSerializer.Serialize(recipe, CoreJson.Options),
        };
        await app.Runs.AddAsync(run, id => folders.RunFolder(id).Write(recipe, new DatasetManifest("photos", "/nowhere", run.Classes, [])),
            default);
        var token = AttemptToken.Create();
        await app.Runs.TakeNextAsync("elsewhere", AttemptToken.Hash(token));
        var trainer = new SimulatedTrainer(
            new TrainerOptions { RunFolder = folders.RunFolder(run.Id).Path, RunId = run.Id, Attempt = 1, Server = app.Url }, token);
        List<JournalEntry> entries = [trainer._journal.Append(new TrainingStarted(Epochs, StepsPerEpoch, 12_800, 1000, "cpu", "fp32"))];
        for (var i = 0; i < steps; i++) entries.AddRange(trainer.NextStep().Select(trainer._journal.Append));
        await app.Runs.ApplyAsync(run.Id, 1, entries);
        trainer.First = trainer._step + 1;
        return trainer;
    }

    /// <summary>Reports a step per interval to a server until it is stopped.</summary>
    public async Task TrainAsync(Uri server, TimeSpan interval, CancellationToken cancellationToken)
    {
        var options = _options with { Server = server };
        var events = new HubEventSink(_journal, options.Folder.Journal(options.Attempt), options.Device, _log);
        using var connection = new TrainerConnection(options, _token, events, _log, TimeProvider.System);
        using var delivery = new CancellationTokenSource();
        var delivering = connection.RunAsync(delivery.Token);
        using var timer = new PeriodicTimer(interval);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                ReportedAt.Add((TimeProvider.System.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalMilliseconds);
                foreach (var said in NextStep()) events.Report(said);
            }
        }
        catch (OperationCanceledException)
        {
            // That is how it ends.
        }
        await delivery.CancelAsync();
        await delivering;
    }

    public void Dispose() => _journal.Dispose();

    private IEnumerable<RunEvent> NextStep()
    {
        var step = ++_step;
        var noise = 0.1 * Math.Sin(step * 1.7) * Math.Sin(step * 0.31);
        yield return new StepCompleted((step - 1) / StepsPerEpoch + 1, step, 0.2 + 2 * Math.Exp(-step / 3000.0) + noise, 1e-3,
            240 + 50 * noise);
        if (step % StepsPerEpoch != 0) yield break;
        var epoch = step / StepsPerEpoch;
        yield return new EpochCompleted(epoch, step, 0.5, 0.4 + 1.0 / epoch, 1 - 0.5 / epoch, 250, 900, 10, true);
    }
}
