namespace Training.Core.Data;

/// <summary>The demo set: shapes on textured backgrounds, drawn from a seed, with some training labels wrong on purpose.</summary>
public static class ShapesDataset
{
    public static IReadOnlyList<string> Classes { get; } =
        ["circle", "cross", "hexagon", "ring", "square", "star", "triangle", "wave"];

    /// <summary>Lists the labels that are wrong on purpose; lies beside the split folders.</summary>
    public const string MislabelledFile = "mislabelled.csv";

    public const int Size = 96;
    public const int TrainPerClass = 100;
    public const int ValPerClass = 30;

    /// <summary>Draws train/ and val/ with a folder per class, and mislabelled.csv (path, label, trueLabel) that lists the wrong labels.</summary>
    /// <exception cref="IOException">The folder exists and is not empty, or the disk is full; nothing half-made stays behind.</exception>
    public static void Write(string folder, int seed = 1, IProgress<(int Done, int Total)>? progress = null, CancellationToken stop = default) =>
        throw new NotImplementedException();
}
