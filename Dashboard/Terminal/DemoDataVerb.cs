using System.CommandLine;
using Dashboard.Processes;
using Dashboard.Terminal.Output;
using Training.Core.Data.Demo;

namespace Dashboard.Terminal;

/// <summary><c>demo-data --out DIR</c>: draws the demo set.</summary>
internal static class DemoDataVerb
{
    public const string Name = "demo-data";

    private static readonly Option<string> Out = new("--out") { Description = "Folder to make; must not exist or be empty.",
        Required = true };
    private static readonly Option<int> Seed = new("--seed") { Description = "Same seed, same images.", DefaultValueFactory = _ => 1 };

    public static Command Create()
    {
        var command = new Command(Name,
            "Draws the demo dataset: eight classes of shapes, 3 % of the training labels wrong on purpose.") { Out, Seed };
        command.SetAction((parsed, cancellationToken) => TerminalErrors.GuardAsync(() =>
        {
            var folder = Path.GetFullPath(parsed.GetRequiredValue(Out));
            ShapesDataset.Write(folder, parsed.GetValue(Seed), null, cancellationToken);
            Console.Out.WriteLine($"{folder}: {ShapesDataset.Classes.Count} classes, {ShapesDataset.TrainPerClass} training and "
                + $"{ShapesDataset.ValPerClass} validation images each; mislabelled.csv lists the wrong labels.");
            return Task.FromResult(ExitCode.Done);
        }));
        return command;
    }
}
