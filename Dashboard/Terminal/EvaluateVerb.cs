using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Training.Core.Data;
using Training.Core.Engine;
using Training.Core.Export;
using Training.Core.Inference;
using Training.Core.Metrics;
using Training.Core.Runs;

namespace Dashboard.Terminal;

/// <summary><c>evaluate --model DIR --data DIR</c>: what a saved model makes of a folder of labelled photos.</summary>
internal static class EvaluateVerb
{
    public const string Name = "evaluate";

    private static readonly Option<string> Model = new("--model") { Description = "Folder with best_model.pth and classes.json.", Required = true };
    private static readonly Option<string> Data = new("--data") { Description = "Folder of labelled photos: a folder per class; of split folders the validation part is taken.", Required = true };
    private static readonly Option<bool> Json = new("--json") { Description = "One JSON line with accuracy, loss and a report per class." };

    public static Command Create()
    {
        var command = new Command(Name, "Evaluates a saved model on a folder of labelled photos.") { Model, Data, Json };
        command.SetAction((parsed, stop) => TerminalErrors.GuardAsync(() => Task.FromResult(Run(parsed, stop))));
        return command;
    }

    private static int Run(ParseResult parsed, CancellationToken stop)
    {
        var model = parsed.GetRequiredValue(Model);
        var files = new RunFolder(model);
        foreach (var file in new[] { files.BestModel, files.Classes })
        {
            if (!File.Exists(file)) throw new InvalidInputException($"--model: {file} is missing. Name the folder that 'train --out' wrote.");
        }
        var json = parsed.GetValue(Json);
        var description = ModelDescription.Load(files.Classes);
        var scan = TerminalScan.Run(parsed.GetRequiredValue(Data), null, quiet: json, stop);
        var manifest = SavedModel.AlignLabels(
            new DatasetManifest(Path.GetFileName(scan.Root), scan.Root, scan.Classes, Held(scan)), description.Classes);
        var evaluation = SavedModel.Evaluate(model, manifest, stop: stop);

        var matrix = new ConfusionMatrix(description.Classes.Count);
        foreach (var prediction in evaluation.Predictions) matrix.Add(prediction.Truth, prediction.Predicted);
        var report = ClassReport.Of(matrix);
        if (json) PrintJson(evaluation, description, report);
        else Print(evaluation, description, report);
        return ExitCode.Done;
    }

    /// <summary>What a run on this folder would validate on; everything where there are no splits.</summary>
    private static IReadOnlyList<Sample> Held(DatasetScan scan) =>
        scan.Samples.Any(sample => sample.Split == Split.Val) ? [.. scan.Samples.Where(sample => sample.Split == Split.Val)]
        : scan.Samples.Any(sample => sample.Split == Split.Test) ? [.. scan.Samples.Where(sample => sample.Split == Split.Test)]
        : scan.Samples;

    private static void PrintJson(Evaluation evaluation, ModelDescription description, ClassReport report) =>
        Console.Out.WriteLine(JsonSerializer.Serialize(new
        {
            Images = evaluation.Predictions.Count,
            evaluation.Accuracy,
            evaluation.Loss,
            Classes = description.Classes.Zip(report.Classes, (name, score) =>
                new { Name = name, score.Precision, score.Recall, score.F1, score.Support }),
        }, CoreJson.Options));

    private static void Print(Evaluation evaluation, ModelDescription description, ClassReport report)
    {
        var wide = Math.Max(8, description.Classes.Max(name => name.Length));
        Console.Out.WriteLine($"{"class".PadRight(wide)}  precision  recall     f1  support");
        foreach (var (name, score) in description.Classes.Zip(report.Classes))
            Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name.PadRight(wide)}  {score.Precision,9:F3}  {score.Recall,6:F3}  {score.F1,5:F3}  {score.Support,7}"));
        Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"accuracy {evaluation.Accuracy * 100:F2} % of {evaluation.Predictions.Count} images, loss {evaluation.Loss:F4}"));
    }
}
