using System.Runtime.ExceptionServices;
using System.Text;

namespace Training.Core.Data.Demo;

/// <summary>The demo set: shapes on textured backgrounds, drawn from a seed, with some training labels wrong on purpose.</summary>
public static class ShapesDataset
{
    public static IReadOnlyList<string> Classes { get; } =
        ["circle", "cross", "hexagon", "ring", "square", "star", "triangle", "wave"];

    /// <summary>Lists the labels that are wrong on purpose; lies beside the split folders.</summary>
    public const string MislabelledFile = FolderLayout.MislabelledFile;

    public const int Size = 96;
    public const int TrainPerClass = 100;
    public const int ValPerClass = 30;

    /// <summary>3 % of the training images of every label show another shape; every shape is lost as often as it is gained.</summary>
    public const int WrongPerClass = 3;

    /// <summary>
    /// Draws train/ and val/ with a folder per class, and mislabelled.csv (path, label, trueLabel) that lists the wrong labels.
    /// </summary>
    /// <remarks>The same seed gives the same bytes. Everything is drawn beside the target and renamed at the end.</remarks>
    /// <exception cref="IOException">The folder exists and is not empty, or the disk is full; nothing half-made stays behind.</exception>
    public static void Write(
        string folder, int seed = 1, IProgress<(int Done, int Total)>? progress = null, CancellationToken cancellationToken = default)
    {
        var target = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        if (File.Exists(target) || Directory.Exists(target) && Directory.EnumerateFileSystemEntries(target).Any())
            throw new IOException($"{target} exists already and is not empty. Choose another folder or empty it first.");
        var drawings = Plan(seed);
        var unfinished = $"{target}.{Guid.NewGuid():N}.part";
        try
        {
            DrawAll(unfinished, drawings, progress, cancellationToken);
            WriteMislabelled(Path.Combine(unfinished, MislabelledFile), drawings);
            if (Directory.Exists(target)) Directory.Delete(target);
            Directory.Move(unfinished, target);
        }
        catch (Exception exception)
        {
            if (Directory.Exists(unfinished)) Directory.Delete(unfinished, recursive: true);
            // Many threads draw, and each finds the disk full; one of them tells enough.
            if (exception is AggregateException { InnerException: { } first }) ExceptionDispatchInfo.Throw(first);
            throw;
        }
    }

    private static List<Drawing> Plan(int seed)
    {
        var drawings = new List<Drawing>();
        var random = new SplitMix64(seed, stream: -1);
        int[] shifts = [.. Enumerable.Range(1, Classes.Count - 1)];
        random.Shuffle<int>(shifts);
        for (var label = 0; label < Classes.Count; label++)
        {
            int[] order = [.. Enumerable.Range(0, TrainPerClass)];
            random.Shuffle<int>(order);
            for (var index = 0; index < TrainPerClass; index++)
            {
                // One shift a wrong label: each is a permutation of the shapes, so the counts stay even.
                var wrong = Array.IndexOf(order, index, 0, WrongPerClass);
                var shape = wrong < 0 ? label : (label + shifts[wrong]) % Classes.Count;
                drawings.Add(Drawing.Of(Split.Train, label, shape, index, new SplitMix64(seed, stream: 0, drawings.Count)));
            }
            for (var index = 0; index < ValPerClass; index++)
                drawings.Add(Drawing.Of(Split.Val, label, label, index, new SplitMix64(seed, stream: 1, drawings.Count)));
        }
        return drawings;
    }

    private static void DrawAll(
        string folder, List<Drawing> drawings, IProgress<(int Done, int Total)>? progress, CancellationToken cancellationToken)
    {
        foreach (var place in drawings.Select(drawing => Path.GetDirectoryName(drawing.Path)!).Distinct())
            Directory.CreateDirectory(Path.Combine(folder, place));
        var turn = new Lock();
        var done = 0;
        Parallel.ForEach(drawings,
            new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = Environment.ProcessorCount }, drawing =>
        {
            File.WriteAllBytes(Path.Combine(folder, drawing.Path), ShapePainter.Paint(Classes[drawing.Shape], drawing.Random));
            lock (turn)
            {
                if (++done % 20 == 0 || done == drawings.Count) progress?.Report((done, drawings.Count));
            }
        });
    }

    private static void WriteMislabelled(string path, List<Drawing> drawings)
    {
        var text = new StringBuilder("path,label,trueLabel\n");
        foreach (var drawing in drawings.Where(drawing => drawing.Shape != drawing.Label))
            text.Append(drawing.Path).Append(',').Append(Classes[drawing.Label]).Append(',').Append(Classes[drawing.Shape]).Append('\n');
        File.WriteAllText(path, text.ToString());
    }

    /// <param name="Path">Relative, with forward slashes.</param>
    /// <param name="Shape">What is really drawn.</param>
    private sealed record Drawing(string Path, int Label, int Shape, SplitMix64 Random)
    {
        public static Drawing Of(Split split, int label, int shape, int index, SplitMix64 random) =>
            new($"{(split == Split.Train ? "train" : "val")}/{Classes[label]}/{index + 1:000}.jpg", label, shape, random);
    }
}
