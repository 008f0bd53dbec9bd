using System.Globalization;
using System.Text;
using System.Text.Json;
using Training.Core.Backbones;
using Training.Core.Data;
using Training.Core.Export;
using Training.Core.Metrics;
using Training.Core.Metrics.Predictions;
using Training.Core.Recipes;
using Training.Core.Runs;

namespace Dashboard.Runs.Artifacts;

/// <summary>MODEL_CARD.md: what a stranger should know of a model before using it. In English, as its numbers are.</summary>
public static class ModelCard
{
    /// <param name="folder">With best_model.pth, classes.json, samples.json and recipe.json.</param>
    /// <param name="title">The run's name.</param>
    /// <exception cref="IOException">A file can't be read.</exception>
    /// <exception cref="InvalidDataException">A file is damaged; the message names it.</exception>
    public static async Task<string> OfAsync(RunFolder folder, string title, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(folder);
        var model = ModelDescription.Load(folder.Classes);
        var text = new StringBuilder();
        Line(text, $"# {title}");
        Line(text, $"");
        Plain(text, string.Create(CultureInfo.InvariantCulture,
                $"An image classifier with {model.Classes.Count} classes: {BackboneCatalog.Get(model.Backbone).Title}, trained "
                    + $"{File.GetLastWriteTimeUtc(folder.BestModel):yyyy-MM-dd} by FineTuneDashboard."));
        AddAccuracy(text, model, await ReportAsync(folder, model, cancellationToken));
        AddCheck(text, ExportCheck.Load(folder.ExportCheck));
        AddData(text, DatasetManifest.Load(folder.Manifest));
        AddUse(text, model);
        Line(text, $"## Recipe");
        Line(text, $"");
        Line(text, $"```json");
        Line(text, $"{JsonSerializer.Serialize(folder.ReadRecipe(), CoreJson.Indented)}");
        Line(text, $"```");
        return text.ToString();
    }

    /// <summary>Of the best epoch's predictions; null when they are gone.</summary>
    private static async Task<ClassReport?> ReportAsync(RunFolder folder, ModelDescription model, CancellationToken cancellationToken)
    {
        if (model.BestEpoch is not { } epoch || !File.Exists(folder.Predictions(epoch))) return null;
        var matrix = new ConfusionMatrix(model.Classes.Count);
        foreach (var prediction in await PredictionFile.ReadAsync(folder.Predictions(epoch), model.Classes.Count,
            cancellationToken: cancellationToken)) matrix.Add(prediction.Truth, prediction.Predicted);
        return ClassReport.Of(matrix);
    }

    private static void AddAccuracy(StringBuilder text, ModelDescription model, ClassReport? report)
    {
        Line(text, $"");
        Line(text, $"## Accuracy");
        Line(text, $"");
        var (count, range) = report is { Interval: { } interval }
            ? ($" {report.WeightedAverage.Support}", $" (95 % interval {Percent.Of(interval)})") : ("", "");
        if (model is { ValAccuracy: { } accuracy, BestEpoch: { } epoch })
            Plain(text, string.Create(CultureInfo.InvariantCulture,
                $"{Percent.Of(accuracy, 2)} of the{count} validation images{range}, at epoch {epoch}, the "
                    + $"best{(model.TestTimeFlip ? "; each image was looked at together with its mirror image" : "")}."));
        else Line(text, $"Not recorded.");
        Line(text, $"");
        if (report is null) return;
        Line(text, $"| class | precision | recall | recall's 95 % interval | F1 | validation images |");
        Line(text, $"|---|---:|---:|---:|---:|---:|");
        foreach (var (name, score) in model.Classes.Zip(report.Classes))
        {
            var precision = Share(score.Precision, score.PrecisionInterval);
            var (recall, f1) = (Share(score.Recall, score.RecallInterval), Share(score.F1, score.RecallInterval));
            var measured = score.RecallInterval is { } known ? Percent.Of(known) : "not measured";
            Line(text, $"| {Cell(name)} | {precision} | {recall} | {measured} | {f1} | {score.Support} |");
        }
        Line(text, $"");
        Line(text, $"The intervals are Wilson's: with so many images, the true share lies within them with 95 % certainty.");
        foreach (var words in Coverage.Of(model.Classes, label => report.Classes[label].Support).Sentences()) Line(text, $"{words}");
        Line(text, $"");
    }

    private static void AddCheck(StringBuilder text, ExportCheck? check)
    {
        if (check is null) return;
        Line(text, $"Under ONNX Runtime, {check.Words}");
        Line(text, $"");
    }

    private static void AddData(StringBuilder text, DatasetManifest manifest)
    {
        var counts = manifest.Samples.CountBy(sample => (sample.Label, sample.Split)).ToDictionary();
        Line(text, $"## Data");
        Line(text, $"");
        Line(text, $"{manifest.Name}: {manifest.Samples.Count} images.");
        Line(text, $"");
        Line(text, $"| class | trained on | validated on |");
        Line(text, $"|---|---:|---:|");
        foreach (var (label, name) in manifest.Classes.Index())
            Line(text,
                $"| {Cell(name)} | {counts.GetValueOrDefault((label, Split.Train))} | {counts.GetValueOrDefault((label, Split.Val))} |");
        Line(text, $"");
    }

    private static void AddUse(StringBuilder text, ModelDescription model)
    {
        var resize = model.Resize == ResizeKind.Squash ? "both sides squeezed" : "the short side scaled and the middle cut out";
        var decoding = model.FullDecode
            ? "JPEGs are decoded in full."
            : "Large JPEGs are decoded at a half, a quarter or an eighth first, never below that size, as Pillow's draft mode does it.";
        Line(text, $"## Use");
        Line(text, $"");
        Plain(text, string.Create(CultureInfo.InvariantCulture,
                $"Images are RGB, turned upright as the camera says, {model.ImageSize} x {model.ImageSize} pixels ({resize}); values 0–1 "
                    + $"minus mean ({Numbers(model.Mean)}), divided by deviation ({Numbers(model.Deviation)}). {decoding}"));
        Line(text, $"");
        Plain(text, string.Create(CultureInfo.InvariantCulture,
                $"- `dotnet run predict.cs photo.jpg` (.NET 10; ONNX Runtime) or `python3 predict.py photo.jpg` (ONNX Runtime, or PyTorch "
                    + $"with torchvision)."));
        Plain(text, string.Create(CultureInfo.InvariantCulture,
                $"- `model.onnx`: input `images` (n, 3, {model.ImageSize}, {model.ImageSize}); outputs `logits`, `features` and "
                    + $"`activations`, the last feature map."));
        Line(text, $"- `best_model.pth`, `model.safetensors`: the weights by torchvision's names, for `{model.Torchvision}`.");
        Line(text, $"- `classes.json`: the classes in the order of the outputs, and the preprocessing.");
        Line(text, $"");
    }

    private static string Numbers(IEnumerable<float> values) =>
        string.Join(", ", values.Select(value => value.ToString(CultureInfo.InvariantCulture)));

    /// <summary>A dash for a share of nothing.</summary>
    private static string Share(double value, WilsonInterval? interval) =>
        interval is null ? "–" : value.ToString("F3", CultureInfo.InvariantCulture);

    private static string Cell(string name) => name.Replace("|", "\\|", StringComparison.Ordinal);

    private static void Plain(StringBuilder text, string line) => text.Append(line).Append('\n');

    private static void Line(StringBuilder text, FormattableString line) => text.Append(FormattableString.Invariant(line)).Append('\n');
}
