using System.CommandLine;
using Dashboard.Processes;
using Dashboard.Terminal.Output;
using Training.Core.Data;
using Training.Core.Recipes;
using Training.Core.Runs;

namespace Dashboard.Terminal;

/// <summary><c>resume --run DIR</c>: goes on with a run of the terminal that was stopped, killed or failed.</summary>
internal static class ResumeVerb
{
    public const string Name = "resume";

    private static readonly Option<string[]> Runs = new("--run")
    {
        Description = "Folder that 'train --out' wrote into; may be repeated: one after the other, until one does not complete.",
            Required = true,
    };

    private static readonly Option<bool> Json = new("--json") { Description = "One JSON line per epoch and a last one with the outcome." };

    public static Command Create()
    {
        var command = new Command(Name, "Goes on with a run from its last checkpoint.") { Runs, Json };
        command.SetAction((parsed, cancellationToken) => TerminalErrors.GuardAsync(() => RunAsync(parsed, cancellationToken)));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        // All of them first: a wrong name shows at once, not after hours.
        var folders = parsed.GetRequiredValue(Runs).Select(path => new RunFolder(path)).ToList();
        foreach (var folder in folders) Check(folder);
        foreach (var folder in folders)
        {
            var code = await ResumeAsync(folder, parsed.GetValue(Json), cancellationToken);
            if (code != ExitCode.Done) return code;
        }
        return ExitCode.Done;
    }

    private static void Check(RunFolder folder)
    {
        foreach (var file in new[] { folder.Recipe, folder.Manifest })
            if (!File.Exists(file))
                throw new InvalidInputException($"--run: {file} is missing. Name the folder that 'train --out' wrote into.");
        if (!File.Exists(folder.Checkpoint) && File.Exists(folder.BestModel))
            throw new InvalidInputException($"--run: {folder.Path} has no checkpoint: its run is complete.");
    }

    private static async Task<int> ResumeAsync(RunFolder folder, bool json, CancellationToken cancellationToken)
    {
        var recipe = folder.ReadRecipe();
        await TerminalWeights.FetchAsync(recipe, quiet: json, cancellationToken);
        return await TrainVerb.TrainAsync(recipe, DatasetManifest.Load(folder.Manifest), folder, json, cancellationToken);
    }
}
