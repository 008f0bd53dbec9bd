using Training.Core.Runs;

namespace Dashboard.Runs.Artifacts;

/// <summary>The files that a run left (so far). Only what is listed can be fetched, so no name can lead elsewhere.</summary>
public static class RunArtifacts
{
    private static readonly Dictionary<string, (string ContentType, string About)> Kinds = new(StringComparer.OrdinalIgnoreCase)
    {
        ["best_model.pth"] = ("application/octet-stream", "Weights of the best epoch: a PyTorch state dict"),
        ["model.onnx"] = ("application/octet-stream", "The same model for ONNX Runtime"),
        ["model.safetensors"] = ("application/octet-stream", "The same weights as safetensors"),
        ["export.json"] = ("application/json", "How far model.onnx agrees with the network"),
        ["classes.json"] = ("application/json", "Classes and preprocessing"),
        ["recipe.json"] = ("application/json", "All settings of the run"),
        ["samples.json"] = ("application/json", "The images that it trained and validated on"),
        ["metrics.csv"] = ("text/csv; charset=utf-8", "Losses and accuracy per epoch"),
        ["trainer.log"] = ("text/plain; charset=utf-8", "What the trainer process printed"),
        [".parquet"] = ("application/vnd.apache.parquet", "Predictions of an evaluated epoch"),
        [".jsonl"] = ("application/jsonl; charset=utf-8", "Every event of an attempt, one JSON object a line"),
        [".json"] = ("application/json", ""),
        [".csv"] = ("text/csv; charset=utf-8", ""),
        [".log"] = ("text/plain; charset=utf-8", ""),
        [".txt"] = ("text/plain; charset=utf-8", ""),
    };

    /// <summary>Top-level files, then the predictions of each epoch; files still being written and links are left out.</summary>
    public static IReadOnlyList<Artifact> List(RunFolder folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        return [.. Files(folder.Path, ""), .. Files(folder.PredictionsFolder, "predictions/")];
    }

    /// <summary>Null when the run has no such file.</summary>
    /// <param name="name">As listed, such as "predictions/epoch-0001.parquet".</param>
    public static Artifact? Find(RunFolder folder, string name) => List(folder).FirstOrDefault(artifact => artifact.Name == name);

    private static IEnumerable<Artifact> Files(string folder, string prefix)
    {
        if (!Directory.Exists(folder)) return [];
        var wanted = new EnumerationOptions { AttributesToSkip = FileAttributes.Hidden | FileAttributes.ReparsePoint };
        return new DirectoryInfo(folder).EnumerateFiles("*", wanted)
            .Where(file => file.Extension is not ".part")
            .OrderBy(file => file.Name, StringComparer.Ordinal)
            .Select(file => Of(file, prefix + file.Name));
    }

    private static Artifact Of(FileInfo file, string name)
    {
        var (contentType, about) = Kinds.TryGetValue(file.Name, out var kind) || Kinds.TryGetValue(file.Extension, out kind)
            ? kind : ("application/octet-stream", "");
        return new Artifact(name, file.FullName, file.Length, file.LastWriteTimeUtc, contentType, about);
    }
}

/// <param name="Name">Relative to the run's folder, with forward slashes.</param>
/// <param name="Path">Absolute.</param>
/// <param name="About">What it is, in words; empty when unknown.</param>
public sealed record Artifact(string Name, string Path, long Bytes, DateTimeOffset ModifiedAt, string ContentType, string About);
