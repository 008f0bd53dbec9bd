using System.Globalization;
using Dashboard.Storage;
using Training.Core.Recipes;
using Training.Core.Runs;
using Training.Tests.TestKit;

namespace Training.Tests.TestProcesses;

/// <summary>
/// A server with made-up runs to look at while pages are built:
/// <c>FINE_TUNE_SEED_SERVER=5099 dotnet test Training.Tests --no-build --filter SeededServer</c>; ends when the file
/// /tmp/fine-tune-seed-PORT is removed.
/// </summary>
public sealed class SeededServer
{
    [SkippableFact]
    public async Task Server_WhenAskedFor_ShowsRunsInEveryState()
    {
        var port = Environment.GetEnvironmentVariable("FINE_TUNE_SEED_SERVER");
        Skip.If(string.IsNullOrEmpty(port), "Only on request: set FINE_TUNE_SEED_SERVER to a port.");
        await using var app = DashboardApp.Listening(int.Parse(port, CultureInfo.InvariantCulture));
        var dataset = await new RunBuilder(app) { TrainSamples = 300, ValSamples = 150 }.BuildDatasetAsync();
        await new RunBuilder(app) { TrainSamples = 300, ValSamples = 150, Epochs = 20, StepsPerEpoch = 30 }.BuildAsync(dataset);
        await new RunBuilder(app) { TrainSamples = 300, ValSamples = 150,
            Name = "고양이와 개 <script>alert(1)</script> · fine-tuning with a name that is longer than any column",
            Mode = TrainingMode.FineTune, State = RunState.Failed, DoneEpochs = 2,
            Reason = "The trainer was killed by the system (signal 9): is the memory full?", Seed = 2 }.BuildAsync(dataset);
        await new RunBuilder(app) { TrainSamples = 300, ValSamples = 150, Name = "cats and dogs · from scratch",
            Mode = TrainingMode.FromScratch, State = RunState.Stopped, DoneEpochs = 3, Reason = "Stopped by you after 3 of 4 epochs",
            Seed = 3 }.BuildAsync(dataset);
        var many = new RunBuilder(app) { DatasetName = "40 kinds of flowers", Name = "40 kinds of flowers · transfer",
            Classes = [.. Enumerable.Range(1, 40).Select(i => $"flower number {i}")], TrainSamples = 400, ValSamples = 800, Seed = 5 };
        await many.BuildAsync();
        var live = new RunBuilder(app) { TrainSamples = 300, ValSamples = 150, Name = "cats and dogs · live", Epochs = 40, DoneEpochs = 3,
            StepsPerEpoch = 50, State = RunState.Training, Seed = 4 };
        var run = await live.BuildAsync(dataset);
        await new RunBuilder(app) { TrainSamples = 300, ValSamples = 150, Name = "cats and dogs · waits", State = RunState.Queued }
            .BuildAsync(dataset);
        var marker = $"/tmp/fine-tune-seed-{port}";
        await File.WriteAllTextAsync(marker, app.Url.ToString());
        await TrainAsync(app, live, run.Id, () => File.Exists(marker));
    }

    /// <summary>Ten steps a second, an epoch every five seconds.</summary>
    private static async Task TrainAsync(DashboardApp app, RunBuilder plan, int runId, Func<bool> goOn)
    {
        var (reports, best) = (plan.Reports!, 0.8);
        var (sequence, step) = (plan.LastSequence, plan.DoneEpochs!.Value * plan.StepsPerEpoch);
        while (goOn())
        {
            await Task.Delay(100);
            if (step >= plan.Epochs * plan.StepsPerEpoch) continue;
            List<RunEvent> events = [reports.Step(++step)];
            if (step % plan.StepsPerEpoch == 0)
            {
                plan.WritePredictions(runId, step / plan.StepsPerEpoch);
                var epoch = reports.Epoch(step / plan.StepsPerEpoch, best);
                best = Math.Max(best, epoch.ValAccuracy);
                events.Add(epoch);
            }
            var at = TimeProvider.System.GetUtcNow();
            sequence = await app.Runs.ApplyAsync(runId, 1,
                [.. events.Select((item, index) => new JournalEntry(sequence + 1 + index, at, item))]);
        }
    }
}
