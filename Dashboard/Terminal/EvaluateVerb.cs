using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Dashboard.Processes;
using Dashboard.Terminal.Output;
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

    private static readonly Option<string> Model = new("--model") { Description = "Folder with best_model.pth and classes.json.",
        Required = true };
    private static readonly Option<string> Data = new("--data") { Description = "Folder of labelled photos: a folder per class; of split "
        + "folders the validation part is taken.", Required = true };
    private static readonly Option<bool> Json = new("--json") { Description = "One JSON line with accuracy, its 95 % interval, loss and a "
        + "report per class." };

    public static Command Create()
    {
        var command = new Command(Name, "Evaluates a saved model on a folder of labelled photos.") { Model, Data, TerminalScan.Layout,
            Json };
        command.SetAction((parsed, cancellationToken) => TerminalErrors.GuardAsync(() => Task.FromResult(Run(parsed, cancellationToken))));
        return command;
    }

    private static int Run(ParseResult parsed, CancellationToken cancellationToken)
    {
        var model = parsed.GetRequiredValue(Model);
        var files = new RunFolder(model);
        foreach (var file in new[] { files.BestModel, files.Classes })
        {
            if (!File.Exists(file))
                throw new InvalidInputException($"--model: {file} is missing. Name the folder that 'train --out' wrote.");
        }
        var json = parsed.GetValue(Json);
        var description = ModelDescription.Load(files.Classes);
        var set = TerminalScan.RunToEvaluate(
            parsed.GetRequiredValue(Data), description.Classes, parsed.GetValue(TerminalScan.Layout), quiet: json, cancellationToken);
        var evaluation = SavedModel.Evaluate(model, set.Manifest!, cancellationToken: cancellationToken);

        var matrix = new ConfusionMatrix(description.Classes.Count);
        foreach (var prediction in evaluation.Predictions) matrix.Add(prediction.Truth, prediction.Predicted);
        var report = ClassReport.Of(matrix);
        if (json) PrintJson(evaluation, description, report, set.Coverage);
        else Print(evaluation, description, report, set.Coverage);
        return ExitCode.Done;
    }

    private static void PrintJson(Evaluation evaluation, ModelDescription description, ClassReport report, Coverage coverage) =>
        Console.Out.WriteLine(JsonSerializer.Serialize(new
        {
            Images = evaluation.Predictions.Count,
            evaluation.Accuracy,
            AccuracyInterval = report.Interval,
            evaluation.Loss,
            Classes = description.Classes.Zip(report.Classes, (name, score) => new
            {
                Name = name,
                // Of a class without images here nothing is known.
                Precision = score.PrecisionInterval is null ? (double?)null : score.Precision,
                Recall = score.IsMeasured ? score.Recall : (double?)null,
                score.RecallInterval,
                F1 = score.IsMeasured ? score.F1 : (double?)null,
                score.Support,
            }),
            NotMeasured = coverage.Never,
        }, CoreJson.Figures));

    private static void Print(Evaluation evaluation, ModelDescription description, ClassReport report, Coverage coverage)
    {
        var wide = Math.Max(8, description.Classes.Max(name => name.Length));
        Console.Out.WriteLine($"{"class".PadRight(wide)}  precision  recall     f1  support  recall's 95 % interval");
        foreach (var (name, score) in description.Classes.Zip(report.Classes))
        {
            var precision = Cell(score.Precision, score.PrecisionInterval is not null);
            var (recall, f1) = (Cell(score.Recall, score.IsMeasured), Cell(score.F1, score.IsMeasured));
            var interval = score.RecallInterval is { } known ? Percent.Of(known) : "not measured";
            Console.Out.WriteLine($"{name.PadRight(wide)}  {precision,9}  {recall,6}  {f1,5}  {score.Support,7}  {interval}");
        }
        var range = report.Interval is { } whole ? $" (95 % interval {Percent.Of(whole)})" : "";
        var loss = evaluation.Loss.ToString("F4", CultureInfo.InvariantCulture);
        Console.Out.WriteLine($"accuracy {Percent.Of(evaluation.Accuracy, 2)} of {evaluation.Predictions.Count} images{range}, loss "
            + $"{loss}");
        foreach (var words in coverage.Sentences()) Console.Error.WriteLine(words);
    }

    private static string Cell(double value, bool isKnown) => isKnown ? value.ToString("F3", CultureInfo.InvariantCulture) : "–";
}
