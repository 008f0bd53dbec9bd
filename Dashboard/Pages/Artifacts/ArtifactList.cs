using Dashboard.Pages.Wording;
using Microsoft.Extensions.Localization;
using Training.Core.Runs;

namespace Dashboard.Pages.Artifacts;

/// <param name="Name">As in the API: relative to the run's folder, with "/".</param>
/// <param name="About">One sentence; empty where the name says it all.</param>
public sealed record ListedFile(string Name, long Bytes, DateTimeOffset Written, string About);

/// <summary>The files that a run has left so far; half-written ones are not shown.</summary>
public static class ArtifactList
{
    public static IReadOnlyList<ListedFile> Of(RunFolder folder, IStringLocalizer<Words> words)
    {
        ArgumentNullException.ThrowIfNull(folder);
        var root = new DirectoryInfo(folder.Path);
        if (!root.Exists) return [];
        return [.. root.EnumerateFiles("*", SearchOption.AllDirectories)
            .Where(file => !file.Name.EndsWith(".part", StringComparison.Ordinal) && !file.Name.StartsWith('.'))
            .Select(file => (File: file, Name: Path.GetRelativePath(folder.Path, file.FullName).Replace('\\', '/')))
            .OrderBy(entry => Rank(entry.Name)).ThenBy(entry => entry.Name, StringComparer.Ordinal)
            .Select(entry => new ListedFile(entry.Name, entry.File.Length, entry.File.LastWriteTimeUtc, About(entry.Name, words)))];
    }

    private static int Rank(string name) => name switch
    {
        "best_model.pth" => 0,
        "model.onnx" or "model.safetensors" or "classes.json" => 1,
        _ when name.Contains('/', StringComparison.Ordinal) => 3,
        _ => 2,
    };

    private static string About(string name, IStringLocalizer<Words> words) =>
        name.StartsWith("predictions/epoch-", StringComparison.Ordinal)
            ? words["Predictions of all validation images after epoch {0}",
                int.TryParse(name["predictions/epoch-".Length..].Split('.')[0], out var epoch) ? epoch : 0]
            : words[About(name)];

    private static string About(string name) => name switch
    {
        "best_model.pth" => "The weights of the best epoch: a plain PyTorch state dict",
        "model.onnx" => "The same model for ONNX Runtime, on any system: logits, features and the last feature map",
        "model.safetensors" => "The same weights in the safetensors format",
        "export.json" => "How far model.onnx agrees with the network",
        "classes.json" => "The classes in the order of the outputs, and how images were prepared",
        "checkpoint.safetensors" => "Where the training stood last: Resume goes on from it; gone when the run is complete",
        "start/best_model.pth" => "The weights that this run started from",
        "start/classes.json" => "The classes of the model that this run started from",
        "recipe.json" => "All settings; the terminal and the API take it as it is",
        "samples.json" => "Which images were trained and validated on",
        "metrics.csv" => "One line per epoch",
        "server.txt" => "Where the trainer reports to",
        "trainer.log" => "What the trainer's process printed",
        _ when name.StartsWith("journal-", StringComparison.Ordinal) => "Everything that the trainer reported, one event a line",
        _ => "",
    };
}
