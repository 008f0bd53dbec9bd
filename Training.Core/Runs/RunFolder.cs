using System.Globalization;

namespace Training.Core.Runs;

/// <summary>The names of a run's files. Files that must be whole are written by <see cref="AtomicFile"/>.</summary>
public sealed class RunFolder(string path)
{
    public string Path { get; } = System.IO.Path.GetFullPath(path);

    public string Recipe => In("recipe.json");

    /// <summary>The samples that the run trains on: its manifest.</summary>
    public string Manifest => In("samples.json");

    /// <summary>The best epoch's weights: a plain PyTorch state dict.</summary>
    public string BestModel => In("best_model.pth");

    /// <summary>The model that the run starts from, if not from ImageNet's weights.</summary>
    public string StartFolder => In("start");

    /// <summary>The best epoch's network for ONNX Runtime and everything that reads ONNX.</summary>
    public string Onnx => In("model.onnx");

    /// <summary>The best epoch's weights without Python's pickle.</summary>
    public string Safetensors => In("model.safetensors");

    /// <summary>How far <see cref="Onnx"/> agrees with the network.</summary>
    public string ExportCheck => In("export.json");

    /// <summary>Where the training stood last: weights, optimizer, counters.</summary>
    public string Checkpoint => In("checkpoint.safetensors");

    /// <summary>Classes and preprocessing.</summary>
    public string Classes => In("classes.json");

    public string Metrics => In("metrics.csv");

    /// <summary>What the trainer process printed, native libraries included.</summary>
    public string TrainerLog => In("trainer.log");

    public string Journal(int attempt) => In($"journal-{attempt.ToString(CultureInfo.InvariantCulture)}.jsonl");

    public string PredictionsFolder => In("predictions");

    /// <param name="epoch">From 1; 0: the frozen probe.</param>
    public string Predictions(int epoch) =>
        System.IO.Path.Combine(PredictionsFolder, $"epoch-{epoch.ToString("D4", CultureInfo.InvariantCulture)}.parquet");

    private string In(string name) => System.IO.Path.Combine(Path, name);
}
