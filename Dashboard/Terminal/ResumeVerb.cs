using System.CommandLine;
using Training.Core.Data;
using Training.Core.Runs;

namespace Dashboard.Terminal;

/// <summary><c>resume --run DIR</c>: goes on with a run of the terminal that was stopped, killed or failed.</summary>
internal static class ResumeVerb
{
    public const string Name = "resume";

    private static readonly Option<string> Run = new("--run") { Description = "Folder that 'train --out' wrote into.", Required = true };
    private static readonly Option<bool> Json = new("--json") { Description = "One JSON line per epoch and a last one with the outcome." };

    public static Command Create()
    {
        var command = new Command(Name, "Goes on with a run from its last checkpoint.") { Run, Json };
        command.SetAction((parsed, stop) => TerminalErrors.GuardAsync(() => RunAsync(parsed, stop)));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        var folder = new RunFolder(parsed.GetRequiredValue(Run));
        foreach (var file in new[] { folder.Recipe, folder.Manifest })
            if (!File.Exists(file)) throw new InvalidInputException($"--run: {file} is missing. Name the folder that 'train --out' wrote into.");
        if (!File.Exists(folder.Checkpoint) && File.Exists(folder.BestModel))
            throw new InvalidInputException($"--run: {folder.Path} has no checkpoint: its run is complete.");
        var recipe = folder.ReadRecipe();
        var json = parsed.GetValue(Json);
        await TerminalWeights.FetchAsync(recipe, quiet: json, stop);
        return await TrainVerb.TrainAsync(recipe, DatasetManifest.Load(folder.Manifest), folder, json, stop);
    }
}
