using System.CommandLine;
using Dashboard.Processes;
using Dashboard.Storage;
using Dashboard.Terminal.Output;
using Training.Core.Backbones;
using Training.Core.Data;
using Training.Core.Engine;
using Training.Core.Recipes;
using Training.Core.Runs;

namespace Dashboard.Terminal;

/// <summary><c>train --data DIR --out DIR</c>: a whole run without a server.</summary>
internal static class TrainVerb
{
    public const string Name = "train";

    private static readonly Option<string> Data = new("--data") { Description = "Folder of labelled photos: a folder per class, with or "
        + "without train/val/test above.", Required = true };
    internal static readonly Option<string?> Val = new("--val") { Description = "Folder of the validation photos, when it is not below "
        + "--data." };
    private static readonly Option<string> Out = new("--out") { Description = "Folder for the model, metrics and predictions; must not "
        + "hold a run yet.", Required = true };
    internal static readonly Option<TrainingMode?> Mode = new("--mode") { Description = "transfer, fineTune or fromScratch; transfer if "
        + "not given." };
    internal static readonly Option<string?> Preset =
        new("--preset") { Description = $"Start from {string.Join(", ", Presets.All.Select(preset => preset.Name))}; the mode's own if "
            + "not given." };
    private static readonly Option<int?> Epochs = new("--epochs") { Description = "How often every photo is seen." };
    internal static readonly Option<int?> Seed = new("--seed") { Description = "Same seed, same machine: same numbers." };
    internal static readonly Option<string[]> Set = new("--set") { Description = "Any field of the recipe, as field=value; may be "
        + "repeated.", AllowMultipleArgumentsPerToken = false };
    private static readonly Option<bool> Json = new("--json") { Description = "One JSON line per epoch and a last one with the outcome." };

    public static Command Create()
    {
        var command = new Command(Name, "Trains one run from the terminal.") { Data, Val, TerminalScan.Layout, Out, Mode, Preset, Epochs,
            Seed, Set, Json };
        command.SetAction((parsed, cancellationToken) => TerminalErrors.GuardAsync(() => RunAsync(parsed, cancellationToken)));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var folder = new RunFolder(parsed.GetRequiredValue(Out));
        if (File.Exists(folder.Recipe) || File.Exists(folder.BestModel))
            throw new InvalidInputException($"--out: {folder.Path} already holds a run. Name another folder, or move that one away.");
        var json = parsed.GetValue(Json);
        var scan = TerminalScan.Run(parsed.GetRequiredValue(Data), parsed.GetValue(Val), parsed.GetValue(TerminalScan.Layout), quiet: json,
            cancellationToken);
        var outline = scan.Outline(Path.GetFileName(scan.Root.TrimEnd(Path.DirectorySeparatorChar)));
        var recipe = CreateRecipe(parsed, scan.Root, outline);
        TerminalErrors.Report(RecipeValidator.Validate(recipe, outline));

        var samples = DatasetSplit.ForRun(scan.Samples, scan.Classes.Count, recipe.ValFraction, recipe.Seed);
        var manifest = new DatasetManifest(outline.Name, scan.Root, scan.Classes, samples);
        var start = StartOf(recipe);
        folder.Write(recipe, manifest);
        start?.CopyTo(folder);
        if (!json) await Console.Error.WriteLineAsync(DatasetSplit.Describe(outline, recipe.ValFraction));

        await TerminalWeights.FetchAsync(recipe, quiet: json, cancellationToken);
        return await TrainAsync(recipe, manifest, folder, json, cancellationToken);
    }

    /// <summary>Trains in a folder that holds recipe and samples, from its checkpoint on if there is one.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> TrainAsync(
        Recipe recipe, DatasetManifest manifest, RunFolder folder, bool json, CancellationToken cancellationToken)
    {
        IRunProgress progress = json ? new JsonProgress(folder, manifest) : new BarProgress(folder, manifest);
        using (progress)
        {
            using var session = new TrainingSession(new TrainingRequest
            {
                Recipe = recipe,
                Manifest = manifest,
                Folder = folder,
                Events = progress,
                WeightsFolder = new DashboardOptions().WeightsFolder,
                CacheFolder = new DashboardOptions().CacheFolder,
                Exports = true,
            });
            var ended = await TrainAsync(session, progress, cancellationToken);
            progress.Finish(ended);
            if (ended.Outcome != RunOutcome.Completed && (File.Exists(folder.Checkpoint) || !File.Exists(folder.BestModel)))
                await Console.Error.WriteLineAsync(
                    $"{(File.Exists(folder.Checkpoint) ? "Go on from the last checkpoint" : "It left no checkpoint yet. Start it again")} "
                        + $"with: ./run.sh resume --run {folder.Path}");
            var code = ended.Outcome switch
            {
                RunOutcome.Completed => ExitCode.Done,
                RunOutcome.Stopped or RunOutcome.Paused => ExitCode.Stopped,
                _ => ExitCode.Failed,
            };
            // The step under way goes on computing: nothing it uses may be taken down.
            if (ended.Outcome == RunOutcome.Stopped) OwnExecutable.Leave(code);
            return code;
        }
    }

    private static StartModel? StartOf(Recipe recipe)
    {
        if (recipe.StartFrom is null) return null;
        try
        {
            var start = StartModel.At(recipe.StartFrom);
            return start.Mismatch(BackboneCatalog.Get(recipe.Backbone)) is { } mismatch
                ? throw new InvalidInputException($"startFrom: {mismatch}") : start;
        }
        catch (Exception error) when (error is WeightsException or InvalidDataException)
        {
            throw new InvalidInputException(error.Message);
        }
    }

    /// <summary>Ctrl+C pauses: the step under way ends and a checkpoint is written. A second one waits for neither.</summary>
    private static async Task<Ended> TrainAsync(TrainingSession session, IRunProgress progress, CancellationToken cancellationToken)
    {
        using var interrupts = new Interrupts();
        cancellationToken.ThrowIfCancellationRequested();
        var training = Task.Factory.StartNew(
            () => session.Run(CancellationToken.None), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        using var pausing = cancellationToken.Register(() =>
        {
            progress.Report(new Logged(RunLogLevel.Warning, "Stopping after the step under way, with a checkpoint. Ctrl+C again stops at "
                + "once."));
            session.Pause();
        });
        return await Task.WhenAny(training, interrupts.Second) == training ? await training : session.Abandon();
    }

    /// <summary>The preset's recipe for the dataset with what the options say.</summary>
    internal static Recipe CreateRecipe(ParseResult parsed, string root, DatasetOutline outline)
    {
        var mode = parsed.GetValue(Mode);
        var name = parsed.GetValue(Preset);
        var preset = name is null ? Presets.DefaultOf(mode ?? TrainingMode.Transfer) : FindPreset(name);
        var recipe = preset.Apply(new Recipe { Dataset = root });
        if (mode is { } chosen) recipe = recipe with { Mode = chosen };
        recipe = recipe.FitTo(outline);
        if (parsed.GetValue(Epochs) is { } epochs) recipe = recipe with { Epochs = epochs };
        if (parsed.GetValue(Seed) is { } seed) recipe = recipe with { Seed = seed };
        return RecipeOptions.WithSettings(recipe, parsed.GetValue(Set));
    }

    private static Preset FindPreset(string name) =>
        Presets.All.FirstOrDefault(preset => preset.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
        ?? throw new InvalidInputException($"--preset: there is no '{name}'. Take one of: "
            + $"{string.Join(", ", Presets.All.Select(preset => preset.Name))}.");
}
