using System.Globalization;
using System.Text.Json;
using Dashboard.Protocol;
using Dashboard.Storage;
using Microsoft.EntityFrameworkCore;
using Training.Core.Recipes;
using Training.Core.Runs;

namespace Dashboard.Terminal.Benchmarks;

/// <summary>A database after a year of a laboratory: machines, and finished runs with all that a run leaves in it.</summary>
internal static class PagesSeed
{
    public const string Dataset = "Shapes (demo)";
    public const int EpochsOfARun = 10, StepsOfAnEpoch = 100;

    private const int LinesOfARun = 20;
    private const int RunsAtOnce = 500;

    private static readonly DateTimeOffset Begin = new(2026, 1, 5, 8, 0, 0, TimeSpan.Zero);
    private static readonly string[] Modes = ["transfer", "fineTune", "fromScratch"];

    public static string MachineName(int number) => string.Create(CultureInfo.InvariantCulture, $"box-{number:D3}");

    /// <returns>The machines' secrets, by name.</returns>
    public static async Task<IReadOnlyDictionary<string, string>> FillAsync(
        string dataRoot, int machines, int runs, CancellationToken cancellationToken)
    {
        var keys = Enumerable.Range(1, machines).ToDictionary(MachineName, _ => AttemptToken.Create());
        await using (var db = BenchDashboard.Database(dataRoot))
        {
            await db.Database.MigrateAsync(cancellationToken);
            foreach (var (name, key) in keys)
                db.Machines.Add(new MachineRow { Name = name, KeyHash = AttemptToken.Hash(key), Version = ProgramVersion.Text,
                    JoinedAt = Begin, ReportJson = JsonSerializer.Serialize(ReportOf(name), CoreJson.Options), LastSeenAt = Begin });
            await db.SaveChangesAsync(cancellationToken);
        }
        for (var first = 1; first <= runs; first += RunsAtOnce)
        {
            await using var db = BenchDashboard.Database(dataRoot);
            db.ChangeTracker.AutoDetectChangesEnabled = false;
            for (var id = first; id < Math.Min(first + RunsAtOnce, runs + 1); id++)
                AddRun(db, id, MachineName(1 + id % Math.Max(machines, 1)));
            await db.SaveChangesAsync(cancellationToken);
        }
        await using var steps = BenchDashboard.Database(dataRoot);
        steps.Database.SetCommandTimeout(TimeSpan.FromMinutes(10));
        // Millions of them: in the database itself.
        await steps.Database.ExecuteSqlAsync(
            $"""
            WITH RECURSIVE n(step) AS (SELECT 1 UNION ALL SELECT step + 1 FROM n WHERE step < {EpochsOfARun * StepsOfAnEpoch})
            INSERT INTO Steps (RunId, Step, Epoch, Loss, LearningRate, ImagesPerSecond, At)
            SELECT Runs.Id, n.step, 1 + (n.step - 1) / {StepsOfAnEpoch}, 2.0 / (1 + n.step * 0.05), 0.001, 320.0, Runs.StartedAt + n.step * 1000000 FROM Runs, n
            """, cancellationToken);
        return keys;
    }

    public static MachineReport ReportOf(string name) => new(
        name, "Debian GNU/Linux 12 (bookworm)", "AMD EPYC 9454", 32, 0.42, 50L << 30, 128L << 30, 900L << 30, 2000L << 30,
        [
            new DeviceReport("cpu", "AMD EPYC 9454", 0.4, 50L << 30, 128L << 30, null),
            new DeviceReport("cuda:0", "NVIDIA RTX 4090", 0.9, 12L << 30, 24L << 30, null),
        ], Begin);

    private static void AddRun(DashboardDb db, int id, string machine)
    {
        var mode = Modes[id % Modes.Length];
        var name = string.Create(CultureInfo.InvariantCulture, $"{mode} {id}");
        var recipe = new Recipe { Dataset = "1", Name = name, Mode = Enum.Parse<TrainingMode>(mode, ignoreCase: true),
            Epochs = EpochsOfARun };
        var started = Begin.AddMinutes(id * 30);
        var run = new RunRow
        {
            Id = id, Name = name, DatasetId = 1, DatasetName = Dataset, RecipeJson = JsonSerializer.Serialize(recipe, CoreJson.Options),
            Classes = ["circle", "square", "triangle", "star"], State = id % 17 == 0 ? RunState.Failed : id % 11 == 0
            ? RunState.Stopped : RunState.Completed,
            Reason = id % 17 == 0 ? "The loss became infinite at step 412." : "", Attempt = 1, Machine = machine, Device = "cuda:0",
            Precision = "bf16", CreatedAt = started,
            StartedAt = started, TrainingStartedAt = started.AddSeconds(4), EndedAt = started.AddMinutes(20),
            LastEventAt = started.AddMinutes(20),
            Epochs = EpochsOfARun, StepsPerEpoch = StepsOfAnEpoch, TrainSamples = StepsOfAnEpoch * 32, ValSamples = 800,
            Epoch = EpochsOfARun,
            Step = EpochsOfARun * StepsOfAnEpoch, ImagesPerSecond = 320, BestEpoch = EpochsOfARun - 1, BestValAccuracy = 0.8
            + id % 100 / 600.0,
        };
        db.Runs.Add(run);
        db.Attempts.Add(new AttemptRow
        {
            RunId = id, Number = 1, TokenHash = AttemptToken.Hash(name), Machine = machine, StartedAt = started, EndedAt = run.EndedAt,
            LastSequence = run.Step + EpochsOfARun + LinesOfARun,
        });
        for (var epoch = 1; epoch <= EpochsOfARun; epoch++)
            db.Epochs.Add(new EpochRow
            {
                RunId = id, Epoch = epoch, Step = epoch * StepsOfAnEpoch, TrainLoss = 2.0 / epoch, ValLoss = 2.1 / epoch,
                    ValAccuracy = 0.9 - 0.4 / epoch,
                TrainImagesPerSecond = 320, ValImagesPerSecond = 900, Seconds = 11, IsBest = epoch == run.BestEpoch,
                At = started.AddMinutes(epoch * 2),
            });
        for (var line = 1; line <= LinesOfARun; line++)
            db.Logs.Add(new LogRow { RunId = id, Attempt = 1, Sequence = line, Level = RunLogLevel.Information,
                Text = "Saved the weights of the best epoch.", At = started });
    }
}
