using Training.Core.Images;

namespace Training.Core.Inference;

/// <summary>What a model says of one file.</summary>
/// <param name="Path">Relative to the folder, with forward slashes.</param>
/// <param name="Top">Class names with probabilities, best first; empty when the file could not be read.</param>
/// <param name="Problem">Why it could not be read; null otherwise.</param>
public sealed record FilePrediction(string Path, IReadOnlyList<(string Class, double Probability)> Top, string? Problem);

/// <summary>Runs a model over any number of files in constant memory: a batch is decoded while the one before it is computed.</summary>
public static class FolderPredictor
{
    private const int BatchSize = 32;

    /// <summary>
    /// Every file of a folder and of the folders below, in order of their names, one folder's names in memory at a time. Hidden ones and
    /// links to folders are left out.
    /// </summary>
    public static IEnumerable<string> Files(string folder)
    {
        var own = new EnumerationOptions { AttributesToSkip = FileAttributes.Hidden | FileAttributes.System };
        foreach (var path in Directory.EnumerateFiles(folder, "*", own).Order(StringComparer.Ordinal)) yield return path;
        own.AttributesToSkip |= FileAttributes.ReparsePoint;
        foreach (var below in Directory.EnumerateDirectories(folder, "*", own).Order(StringComparer.Ordinal))
            foreach (var path in Files(below)) yield return path;
    }

    /// <summary>One result for each file, in the given order; unreadable files too.</summary>
    /// <param name="top">How many classes are named.</param>
    public static IEnumerable<FilePrediction> Run(OnnxModel model, string folder, IEnumerable<string> files, int top, CancellationToken stop = default)
    {
        var batches = files.Chunk(BatchSize).GetEnumerator();
        var ahead = Next();
        while (ahead is { } waiting)
        {
            stop.ThrowIfCancellationRequested();
            var batch = waiting.GetAwaiter().GetResult();
            ahead = Next();
            foreach (var prediction in Predict(model, folder, batch, top)) yield return prediction;
        }

        Task<Decoded>? Next()
        {
            if (!batches.MoveNext()) return null;
            var paths = batches.Current;
            return Task.Run(() => Decode(model, paths, stop), stop);
        }
    }

    private static Decoded Decode(OnnxModel model, string[] paths, CancellationToken stop)
    {
        var squares = new byte[paths.Length * model.SquareBytes];
        var problems = new string?[paths.Length];
        Parallel.For(0, paths.Length, new ParallelOptions { CancellationToken = stop }, index =>
        {
            try
            {
                model.Prepare(paths[index], squares.AsSpan(index * model.SquareBytes, model.SquareBytes), stop: stop);
            }
            catch (Exception error) when (error is ImageException or IOException or UnauthorizedAccessException)
            {
                problems[index] = error.Message;
            }
        });
        return new Decoded(paths, squares, problems);
    }

    private static IEnumerable<FilePrediction> Predict(OnnxModel model, string folder, Decoded batch, int top)
    {
        // Unreadable images are computed along as whatever their bytes hold; their row says what was wrong instead.
        var output = model.Run(batch.Squares, batch.Paths.Length);
        for (var index = 0; index < batch.Paths.Length; index++)
        {
            var name = System.IO.Path.GetRelativePath(folder, batch.Paths[index]).Replace('\\', '/');
            yield return batch.Problems[index] is { } problem
                ? new FilePrediction(name, [], problem)
                : Predict(model, output, index, name, top);
        }
    }

    private static FilePrediction Predict(OnnxModel model, ModelOutput output, int index, string name, int top)
    {
        try
        {
            return new FilePrediction(name, [.. output.Top(index, top).Select(each => (model.Classes[each.Class], each.Probability))], null);
        }
        catch (Engine.NotFiniteException error)
        {
            return new FilePrediction(name, [], error.Message);
        }
    }

    private sealed record Decoded(string[] Paths, byte[] Squares, string?[] Problems);
}
