using System.CommandLine;
using Dashboard.Processes;
using Dashboard.Terminal.Output;
using Training.Core.Data;
using Training.Core.Engine;
using Training.Core.Runs;

namespace Dashboard.Terminal;

/// <summary><c>export --model DIR</c>: a saved model as ONNX and safetensors, for runs that were stopped or are older.</summary>
internal static class ExportVerb
{
    public const string Name = "export";

    private static readonly Option<string> Model = new("--model") { Description = "Folder with best_model.pth and classes.json.",
        Required = true };

    public static Command Create()
    {
        var command = new Command(Name,
            "Writes model.onnx and model.safetensors beside a saved model, and checks them on its validation images.") { Model };
        command.SetAction((parsed, cancellationToken) => TerminalErrors.GuardAsync(() => Task.FromResult(Run(parsed, cancellationToken))));
        return command;
    }

    private static int Run(ParseResult parsed, CancellationToken cancellationToken)
    {
        var folder = new RunFolder(parsed.GetRequiredValue(Model));
        foreach (var file in new[] { folder.BestModel, folder.Classes })
            if (!File.Exists(file))
                throw new InvalidInputException($"--model: {file} is missing. Name the folder that 'train --out' wrote.");
        // A model that was carried elsewhere has no images to check on.
        var samples = File.Exists(folder.Manifest) ? DatasetManifest.Load(folder.Manifest) : null;
        var check = ModelExport.Write(folder, samples is not null && Directory.Exists(samples.Root) ? samples : null, cancellationToken);
        Console.Out.WriteLine(folder.Onnx);
        Console.Out.WriteLine(folder.Safetensors);
        Console.Error.WriteLine(check is null
            ? "Not checked: the images that the model was validated on are not here."
            : check.Words);
        return check is { IsGood: false } ? ExitCode.Failed : ExitCode.Done;
    }
}
