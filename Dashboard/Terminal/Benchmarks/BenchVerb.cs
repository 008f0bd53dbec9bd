using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using Dashboard.Processes;
using Dashboard.Terminal.Output;
using Training.Core.Benchmarks;
using Training.Core.Data;
using Training.Core.Devices;
using Training.Core.Recipes;
using Training.Core.Runs;

namespace Dashboard.Terminal.Benchmarks;

/// <summary>
/// <c>bench decode|train|eval|transfer|start --data DIR</c>: how fast this machine trains, in figures; <c>bench live</c>: how fast its
/// steps are seen.
/// </summary>
internal static class BenchVerb
{
    public const string Name = "bench";

    private static readonly Option<string> Data = new("--data") { Description = "Folder of labelled photos.", Required = true };
    private static readonly Option<string?> Val = new("--val") { Description = "Folder of the validation photos, when it is not below "
        + "--data." };
    private static readonly Option<int> Images = new("--images") { Description = "Training images taken, and as many validation images.",
        DefaultValueFactory = _ => 192 };
    private static readonly Option<string[]> Set = new("--set") { Description = "Any field of the recipe, as field=value; may be "
        + "repeated." };
    private static readonly Option<int> Rounds = new("--rounds") { Description = "Epochs from files and from memory in turns; 0: none.",
        DefaultValueFactory = _ => 12 };
    private static readonly Option<bool> Json = new("--json") { Description = "One JSON line." };

    public static Command Create() => new(Name, "Measures how fast this machine trains; nothing is kept.")
    {
        Part("decode", "Photos decoded and resized a second, with all cores.", Decode),
        TrainPart(),
        Part("eval", "Validation images a second.", Evaluate),
        Part("transfer", "Seconds of the feature pass, and of an epoch on cached features.", Transfer),
        Part("start", "Seconds from launching a process to its first training step.", Start),
        Live(),
        Pages(),
        Faults(),
        FirstStep(),
    };

    private static Command Faults()
    {
        var runs = new Option<int>("--runs") { Description = "Runs while parts are killed.", DefaultValueFactory = _ => 30 };
        var faults = new Option<int>("--faults") { Description = "Processes that are killed or frozen.", DefaultValueFactory = _ => 200 };
        var seed = new Option<int>("--seed") { Description = "The same seed makes the same faults.", DefaultValueFactory = _ => 1 };
        var command = new Command("faults",
            "Kills and freezes dashboard, machines and trainers at random, and compares every run with one left alone.") { runs, faults,
            seed, Json };
        command.SetAction((parsed, cancellationToken) => TerminalErrors.GuardAsync(() =>
        {
            var figures = FaultBenchmark.Run(parsed.GetValue(runs), parsed.GetValue(faults), parsed.GetValue(seed),
                Console.Error.WriteLine, cancellationToken);
            Print("faults", figures, parsed.GetValue(Json));
            return Task.FromResult(figures.Wrong.Count == 0 ? ExitCode.Done : ExitCode.Failed);
        }));
        return command;
    }

    private static Command Live()
    {
        var machines = new Option<int>("--machines") { Description = "Machines, each with one run.", DefaultValueFactory = _ => 20 };
        var steps = new Option<int>("--steps") { Description = "Steps a second of each.", DefaultValueFactory = _ => 50 };
        var watchers = new Option<int>("--watchers") { Description = "Connections that follow a run.", DefaultValueFactory = _ => 50 };
        var browsers = new Option<int>("--browsers") { Description = "Run pages in this machine's Chromium.", DefaultValueFactory = _ =>
            5 };
        var seconds = new Option<int>("--seconds") { Description = "How long.", DefaultValueFactory = _ => 120 };
        var command = new Command("live",
            "Milliseconds from a step on a machine to those who watch it, through a dashboard of its own.") { machines, steps, watchers,
            browsers, seconds, Json };
        command.SetAction((parsed, cancellationToken) => TerminalErrors.GuardAsync(() =>
        {
            var pages = Chromium.Find() is null ? 0 : parsed.GetValue(browsers);
            if (pages < parsed.GetValue(browsers)) Console.Error.WriteLine("There is no Chromium on this machine: the pages are left out.");
            Print("live", LiveBenchmark.Run(parsed.GetValue(machines), parsed.GetValue(steps), parsed.GetValue(watchers), pages,
                parsed.GetValue(seconds), cancellationToken), parsed.GetValue(Json));
            return Task.FromResult(ExitCode.Done);
        }));
        return command;
    }

    private static Command Pages()
    {
        var machines = new Option<int>("--machines") { Description = "Machines, connected.", DefaultValueFactory = _ => 200 };
        var runs = new Option<int>("--runs") { Description = "Finished runs.", DefaultValueFactory = _ => 5000 };
        var times = new Option<int>("--times") { Description = "How often each page is opened.", DefaultValueFactory = _ => 5 };
        var command = new Command("pages",
            "Milliseconds until a page is there and answers, with many machines and runs, in this machine's Chromium.") { machines, runs,
            times, Json };
        command.SetAction((parsed, cancellationToken) => TerminalErrors.GuardAsync(() =>
        {
            if (Chromium.Find() is null) throw new InvalidInputException("There is no Chromium on this machine.");
            Print("pages", PagesBenchmark.Run(parsed.GetValue(machines), parsed.GetValue(runs), parsed.GetValue(times),
                Console.Error.WriteLine, cancellationToken), parsed.GetValue(Json));
            return Task.FromResult(ExitCode.Done);
        }));
        return command;
    }

    private static Command TrainPart()
    {
        var command = Part("train", "Training images a second of all layers, from files and without files.", Train);
        command.Options.Add(Rounds);
        return command;
    }

    private static Command Part(string name, string description, Func<Recipe, DatasetManifest, CancellationToken, object> measure) =>
        Part(name, description, (_, recipe, manifest, cancellationToken) => measure(recipe, manifest, cancellationToken));

    private static Command Part(
        string name, string description, Func<ParseResult, Recipe, DatasetManifest, CancellationToken, object> measure)
    {
        var command = new Command(name, description) { Data, Val, TerminalScan.Layout, Images, Set, Json };
        command.SetAction((parsed, cancellationToken) => TerminalErrors.GuardAsync(() =>
        {
            var (recipe, manifest) = Prepare(parsed, cancellationToken);
            Print(name, measure(parsed, recipe, manifest, cancellationToken), parsed.GetValue(Json));
            return Task.FromResult(ExitCode.Done);
        }));
        return command;
    }

    /// <summary>
    /// The article's recipe, which is also what the comparison in the README trains: batches of 64 at 224 px, resized, not augmented; in
    /// the precision of this product's choice.
    /// </summary>
    private static (Recipe, DatasetManifest) Prepare(ParseResult parsed, CancellationToken cancellationToken)
    {
        var scan = TerminalScan.Run(parsed.GetRequiredValue(Data), parsed.GetValue(Val), parsed.GetValue(TerminalScan.Layout), quiet: true,
            cancellationToken);
        var recipe = RecipeOptions.WithSettings(
            Presets.Get(Presets.ArticleAdam).Apply(new Recipe { Dataset = scan.Root }) with { Precision = PrecisionKind.Auto },
            parsed.GetValue(Set));
        var samples = DatasetSplit.ForRun(scan.Samples, scan.Classes.Count, recipe.ValFraction, recipe.Seed);
        var manifest = new DatasetManifest(Path.GetFileName(scan.Root), scan.Root, scan.Classes, samples);
        return (recipe, BenchmarkImages.Take(manifest, parsed.GetValue(Images)));
    }

    private static object Decode(Recipe recipe, DatasetManifest manifest, CancellationToken cancellationToken) => new
    {
        Images = Count(manifest, Split.Train),
        ImagesPerSecond = Math.Round(DecodeBenchmark.Run(recipe, manifest, cancellationToken), 1),
    };

    private static object Train(ParseResult parsed, Recipe recipe, DatasetManifest manifest, CancellationToken cancellationToken)
    {
        var figures = TrainingBenchmark.FromFiles(recipe with { Epochs = 2 }, manifest, cancellationToken);
        var peak = PeakMegabytes(); // what follows has a second network
        var rounds = parsed.GetValue(Rounds);
        var pipeline = rounds > 0 ? TrainingBenchmark.Pipeline(recipe, manifest, rounds, cancellationToken) : null;
        var fromFiles = figures.Epochs.Select(epoch => Math.Round(epoch.TrainImagesPerSecond, 1)).ToList();
        return new
        {
            Images = Count(manifest, Split.Train),
            figures.Precision,
            ImagesPerSecond = fromFiles[^1],
            FirstEpoch = fromFiles[0],
            ValImagesPerSecond = Math.Round(figures.Epochs[^1].ValImagesPerSecond, 1),
            FromFiles = Rounded(pipeline?.FromFiles.Undisturbed, 1),
            Synthetic = Rounded(pipeline?.Synthetic.Undisturbed, 1),
            FromFilesEpochs = pipeline?.FromFiles.Speeds.Select(speed => Math.Round(speed, 1)),
            SyntheticEpochs = pipeline?.Synthetic.Speeds.Select(speed => Math.Round(speed, 1)),
            Ratio = Rounded(pipeline?.Ratio, 3),
            PeakMemoryMegabytes = peak,
        };
    }

    private static double? Rounded(double? figure, int digits) => figure is { } number ? Math.Round(number, digits) : null;

    private static object Evaluate(Recipe recipe, DatasetManifest manifest, CancellationToken cancellationToken)
    {
        // One step of training, so that what counts is the evaluation; the first one decodes, the second doesn't.
        var few = manifest with
        {
            Samples = [.. manifest.Samples.Where(sample => sample.Split == Split.Train).Take(recipe.BatchSize),
                .. manifest.Samples.Where(sample => sample.Split == Split.Val)],
        };
        var figures = TrainingBenchmark.FromFiles(recipe with { Epochs = 2 }, few, cancellationToken);
        return new
        {
            Images = Count(manifest, Split.Val),
            figures.Precision,
            ImagesPerSecond = Math.Round(figures.Epochs[0].ValImagesPerSecond, 1),
            Decoded = Math.Round(figures.Epochs[1].ValImagesPerSecond, 1),
            PeakMemoryMegabytes = PeakMegabytes(),
        };
    }

    private static object Transfer(Recipe recipe, DatasetManifest manifest, CancellationToken cancellationToken)
    {
        var figures = TrainingBenchmark.FromFiles(recipe with { Mode = TrainingMode.Transfer, Epochs = 10, LearningRate = 0.001 },
            manifest, cancellationToken);
        return new
        {
            Images = manifest.Samples.Count,
            figures.Precision,
            FeatureSeconds = Math.Round(figures.SecondsBeforeFirstStep, 2),
            EpochMilliseconds = figures.Epochs.Select(epoch => Math.Round(epoch.Seconds * 1000, 1)),
            Seconds = Math.Round(figures.Seconds, 2),
            PeakMemoryMegabytes = PeakMegabytes(),
        };
    }

    private static object Start(Recipe recipe, DatasetManifest manifest, CancellationToken cancellationToken) =>
        new { SecondsToFirstStep = Math.Round(StartBenchmark.Run(recipe, manifest), 2) };

    private static Command FirstStep()
    {
        var folder = new Argument<string>("folder");
        var command = new Command(StartBenchmark.Child, "Used by start: trains until the first step.") { folder };
        command.Hidden = true;
        command.SetAction((parsed, cancellationToken) =>
            Task.FromResult(StartBenchmark.TrainOneStep(parsed.GetRequiredValue(folder), cancellationToken)));
        return command;
    }

    private static int Count(DatasetManifest manifest, Split split) => manifest.Samples.Count(sample => sample.Split == split);

    private static long PeakMegabytes()
    {
        using var process = Process.GetCurrentProcess();
        return process.PeakWorkingSet64 >> 20;
    }

    private static void Print(string name, object figures, bool json)
    {
        var line = JsonSerializer.Serialize(figures, json ? CoreJson.Options : CoreJson.Indented);
        Console.Out.WriteLine(json ? $"{{\"bench\":\"{name}\",{line[1..]}" : $"{name} {line}");
    }
}
