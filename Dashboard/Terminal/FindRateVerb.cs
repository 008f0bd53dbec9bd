using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Dashboard.Dispatch.RateSearch;
using Dashboard.Dispatch.Trainers;
using Dashboard.Processes;
using Dashboard.Storage;
using Dashboard.Terminal.Output;
using Spectre.Console;
using Training.Core.Data;
using Training.Core.Engine;
using Training.Core.Engine.RateSearch;
using Training.Core.Recipes;
using Training.Core.Runs;

namespace Dashboard.Terminal;

/// <summary><c>find-rate --data DIR</c>: tries learning rates for a recipe and suggests one.</summary>
internal static class FindRateVerb
{
    public const string Name = RateSearches.Verb;

    private static readonly Option<string?> Data = new("--data") { Description = "Folder of labelled photos." };
    private static readonly Option<string?> Run = new("--run") { Description = "Folder of a run, whose recipe and photos are taken "
        + "instead." };
    private static readonly Option<string?> Weights = new("--weights") { Description = "Folder of downloaded weights.", Hidden = true };
    private static readonly Option<string?> Cache = new("--cache") { Description = "Folder of caches.", Hidden = true };
    private static readonly Option<string?> Libtorch = new(TrainerOptions.LibtorchArgument) { Description = "Another libtorch.",
        Hidden = true };
    private static readonly Option<bool> Json =
        new("--json") { Description = "One JSON line per step and a last one with the suggestion." };

    public static Command Create()
    {
        var command = new Command(Name, "Tries learning rates from far too low to far too high for under a minute and suggests one.")
        {
            Data, TrainVerb.Val, TerminalScan.Layout, Run, TrainVerb.Mode, TrainVerb.Preset, TrainVerb.Seed, TrainVerb.Set, Json, Weights,
                Cache, Libtorch,
        };
        command.SetAction((parsed, cancellationToken) => TerminalErrors.GuardAsync(() => RunAsync(parsed, cancellationToken)));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        if (parsed.GetValue(Libtorch) is { } libtorch) new LibtorchFolder(libtorch).Load();
        var json = parsed.GetValue(Json);
        var (recipe, manifest, folder) = Prepare(parsed, json, cancellationToken);
        await TerminalWeights.FetchAsync(recipe, quiet: json, cancellationToken);
        var options = new DashboardOptions();
        var finder = new LearningRateFinder(new TrainingRequest
        {
            Recipe = recipe, Manifest = manifest, Folder = folder, Events = new Phases(json),
            WeightsFolder = parsed.GetValue(Weights) ?? options.WeightsFolder, CacheFolder = parsed.GetValue(Cache) ?? options.CacheFolder,
        });
        var points = new List<RatePoint>();
        var finding = await Task.Factory.StartNew(() => finder.Run(point =>
        {
            points.Add(point);
            if (json) Print(point);
        }, cancellationToken), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        if (json) Print(finding);
        else Show(recipe, points, finding);
        return finding.Rate is null ? ExitCode.Failed : ExitCode.Done;
    }

    private static (Recipe, DatasetManifest, RunFolder) Prepare(ParseResult parsed, bool quiet, CancellationToken cancellationToken)
    {
        if (parsed.GetValue(Run) is { } path)
        {
            var folder = new RunFolder(path);
            foreach (var file in new[] { folder.Recipe, folder.Manifest })
                if (!File.Exists(file)) throw new InvalidInputException($"--run: {file} is missing. Name the folder of a run.");
            return (RecipeOptions.WithSettings(folder.ReadRecipe(), parsed.GetValue(TrainVerb.Set)), DatasetManifest.Load(folder.Manifest),
                folder);
        }
        var data = parsed.GetValue(Data)
            ?? throw new InvalidInputException("--data: name a folder of labelled photos, or a run's folder with --run.");
        var scan = TerminalScan.Run(data, parsed.GetValue(TrainVerb.Val), parsed.GetValue(TerminalScan.Layout), quiet, cancellationToken);
        var outline = scan.Outline(Path.GetFileName(scan.Root.TrimEnd(Path.DirectorySeparatorChar)));
        var recipe = TrainVerb.CreateRecipe(parsed, scan.Root, outline);
        TerminalErrors.Report(RecipeValidator.Validate(recipe, outline));
        var samples = DatasetSplit.ForRun(scan.Samples, scan.Classes.Count, recipe.ValFraction, recipe.Seed);
        return (recipe, new DatasetManifest(outline.Name, scan.Root, scan.Classes, samples), new RunFolder(scan.Root));
    }

    private static void Show(Recipe recipe, List<RatePoint> points, RateFinding finding)
    {
        var chart = new BarChart().Width(70);
        // The last ones may be beyond all measure.
        var height = points.Find(point => double.IsFinite(point.Smoothed)) is { } first ? 2 * first.Smoothed : 1;
        foreach (var point in points.Where((_, index) => index % Math.Max(1, points.Count / 20) == 0))
            chart.AddItem(Text(point.Rate), Math.Round(double.IsFinite(point.Smoothed) ? Math.Min(point.Smoothed, height) : height, 3),
                Color.Blue);
        AnsiConsole.MarkupLine("Learning rate and smoothed training loss");
        AnsiConsole.Write(chart);
        AnsiConsole.WriteLine(finding.Rate is { } rate
            ? $"Suggested learning rate: {Text(rate)} (the recipe has {Text(recipe.LearningRate)}). {Words(finding.Reason)} Take it with "
                + $"--set learningRate={Text(rate)}"
            : Words(finding.Reason));
    }

    private static string Words(RateReason reason) => reason switch
    {
        RateReason.SteepestDescent => "There the loss falls fastest.",
        RateReason.BeforeTheRise => "The loss never falls clearly in so few steps; this is a tenth of the rate where it begins to rise.",
        RateReason.BelowTheRange =>
            "The loss rises from the lowest rates on: a good rate would lie below all that was tried, so none is suggested.",
        RateReason.NotFinite =>
            "The loss is no number (NaN or infinite) almost from the start, whatever the rate: that is not the rate's fault. Choose "
                + "precision fp32, or look at the images.",
        _ => "The loss neither falls nor rises clearly: no learning rate follows from it. Keep the preset's.",
    };

    private static string Text(double rate) => rate.ToString("0.######", CultureInfo.InvariantCulture);

    private static void Print(object line) => Console.Out.WriteLine(JsonSerializer.Serialize(line, CoreJson.Figures));

    private sealed class Phases(bool json) : IRunEventSink
    {
        public void Report(RunEvent runEvent)
        {
            if (runEvent is not PhaseStarted phase) return;
            if (json) Print(new { Phase = phase.Text, phase.Fraction });
            else if (phase.Fraction is null or 0) AnsiConsole.WriteLine(phase.Text);
        }
    }
}
