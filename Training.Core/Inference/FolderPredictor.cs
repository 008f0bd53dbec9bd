using Training.Core.Data.Folders;
using Training.Core.Export;
using Training.Core.Images;
using Training.Core.Metrics;

namespace Training.Core.Inference;

/// <summary>What a model says of one file.</summary>
/// <param name="Path">Relative to the folder, as it is on the disk.</param>
/// <param name="Top">Class names with probabilities, best first; empty when the file could not be read.</param>
/// <param name="Problem">Why it could not be read; null otherwise.</param>
public sealed record FilePrediction(string Path, IReadOnlyList<(string Class, double Probability)> Top, string? Problem)
{
    /// <summary>Whether it is what systems and programs leave behind.</summary>
    public bool IsLitter { get; init; }
}

/// <summary>Something in a folder that is no folder.</summary>
/// <param name="Path">Relative to the folder, as it is on the disk.</param>
/// <param name="Problem">Why it is not for a model, as the end of a sentence that starts with its name; null: it may be.</param>
public readonly record struct FolderItem(string Path, string FullPath, string? Problem, bool IsLitter);

/// <summary>Runs a model over any number of files in constant memory: a batch is decoded while the one before it is computed.</summary>
public static class FolderPredictor
{
    private const int BatchSize = 32;

    /// <summary>
    /// Everything in a folder and in the folders below that is no folder itself, by the same walk as a dataset's scan: files to classify,
    /// and with its reason each thing that can't be. One folder's names in memory at a time.
    /// </summary>
    public static IEnumerable<FolderItem> Files(string folder)
    {
        var root = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(folder));
        foreach (var entry in new FolderWalk(root, FolderFence.None).ReadAll(root))
            yield return new FolderItem(System.IO.Path.GetRelativePath(root, entry.FullPath), entry.FullPath, Problem(entry),
                entry.Kind == EntryKind.Litter);
    }

    private static string? Problem(FolderEntry entry) => entry.Kind == EntryKind.File ? null
        : entry.Kind == EntryKind.Litter ? entry.Reason ?? "lies in a folder that the operating system or a program left behind"
        : entry.Foreign is null ? entry.Reason : $"{entry.Reason}. {entry.Remedy}";

    /// <summary>One result for each file, in the given order; of those that can't be read too, with the reason.</summary>
    /// <param name="top">How many classes are named.</param>
    public static IEnumerable<FilePrediction> Run(
        OnnxModel model, IEnumerable<FolderItem> files, int top, CancellationToken cancellationToken = default)
    {
        var batches = files.Chunk(BatchSize).GetEnumerator();
        var ahead = Next();
        while (ahead is { } waiting)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var batch = waiting.GetAwaiter().GetResult();
            ahead = Next();
            foreach (var prediction in Predict(model, batch, top)) yield return prediction;
        }

        Task<Decoded>? Next()
        {
            if (!batches.MoveNext()) return null;
            var items = batches.Current;
            return Task.Run(() => Decode(model, items, cancellationToken), cancellationToken);
        }
    }

    private static Decoded Decode(OnnxModel model, FolderItem[] items, CancellationToken cancellationToken)
    {
        var squares = new byte[items.Length * model.SquareBytes];
        var problems = Array.ConvertAll(items, item => item.Problem);
        Parallel.For(0, items.Length, new ParallelOptions { CancellationToken = cancellationToken }, index =>
        {
            if (problems[index] is not null) return;
            try
            {
                model.Prepare(items[index].FullPath, squares.AsSpan(index * model.SquareBytes, model.SquareBytes),
                    cancellationToken: cancellationToken);
            }
            catch (ImageException error)
            {
                problems[index] = error.Message;
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                problems[index] = Words(error);
            }
        });
        return new Decoded(items, squares, problems);
    }

    /// <summary>What .NET says of a file repeats its whole path.</summary>
    private static string Words(Exception error) => error switch
    {
        FileNotFoundException or DirectoryNotFoundException => "is gone: it was there when the folder was read",
        UnauthorizedAccessException => "can't be read: this user has no right to",
        _ => "can't be read: check the disk",
    };

    private static IEnumerable<FilePrediction> Predict(OnnxModel model, Decoded batch, int top)
    {
        // Unreadable images are computed along as whatever their bytes hold; their row says what was wrong instead.
        var output = batch.Problems.All(problem => problem is not null) ? null : model.Run(batch.Squares, batch.Items.Length);
        for (var index = 0; index < batch.Items.Length; index++)
        {
            var item = batch.Items[index];
            yield return output is null || batch.Problems[index] is not null
                ? new FilePrediction(item.Path, [], batch.Problems[index]) { IsLitter = item.IsLitter }
                : Predict(model, output, index, item.Path, top);
        }
    }

    private static FilePrediction Predict(OnnxModel model, ModelOutput output, int index, string name, int top)
    {
        try
        {
            return new FilePrediction(name, [.. output.Top(index, top).Select(each => (model.Classes[each.Class], each.Probability))],
                null);
        }
        catch (NotFiniteException error)
        {
            return new FilePrediction(name, [], error.Message);
        }
    }

    private sealed record Decoded(FolderItem[] Items, byte[] Squares, string?[] Problems);
}
