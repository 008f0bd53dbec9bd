using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Dashboard.Protocol;
using Training.Core.Runs;

namespace Dashboard.Dispatch.Files;

/// <summary>
/// Which files of a run travel between a machine and its dashboard. Any other name is refused, whatever it would lead to.
/// </summary>
internal static partial class RunFileNames
{
    /// <summary>What an attempt starts from, in the order in which it is read; those of it that exist.</summary>
    public static IEnumerable<string> ToFetch(RunFolder folder)
    {
        string[] names = [folder.Recipe, folder.Manifest, folder.BestModel, folder.Classes, folder.Metrics, folder.Checkpoint];
        var start = Directory.Exists(folder.StartFolder) ? Directory.EnumerateFiles(folder.StartFolder) : [];
        return names.Concat(start).Where(File.Exists).Select(path => NameOf(folder, path));
    }

    /// <summary>What an attempt leaves, in an order in which each file only speaks of files before it; those of it that exist.</summary>
    public static IEnumerable<string> ToSend(RunFolder folder)
    {
        var predictions = Directory.Exists(folder.PredictionsFolder)
            ? Directory.EnumerateFiles(folder.PredictionsFolder, "epoch-*.parquet").Order(StringComparer.Ordinal)
            : Enumerable.Empty<string>();
        string[] names = [folder.BestModel, folder.Classes, folder.Metrics, folder.Onnx, folder.Safetensors, folder.ExportCheck,
            folder.TrainerLog, folder.Checkpoint];
        return predictions.Concat(names).Where(File.Exists).Select(path => NameOf(folder, path)).Where(MayBeSent);
    }

    /// <summary>
    /// What a cache of images calls the list of those that an attempt reads. Run numbers are those of one dashboard: machines of several
    /// may share a cache.
    /// </summary>
    public static string LeaseOf(RunFolder folder, AttemptId attempt)
    {
        var where = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Path.GetFullPath(folder.Path))))[..12];
        return string.Create(CultureInfo.InvariantCulture, $"{where}-{attempt.RunId}-{attempt.Number}");
    }

    public static bool MayBeFetched(string name) => Fetched().IsMatch(name);

    public static bool MayBeSent(string name) => Sent().IsMatch(name);

    public static bool IsPredictions(string name) => name.StartsWith("predictions/", StringComparison.Ordinal);

    /// <summary>What pages read whole is small; no network that is trained here has weights anywhere near the rest.</summary>
    public static long MostBytes(string name) => name switch
    {
        _ when IsPredictions(name) => 1L << 30,
        _ when name.EndsWith(".json", StringComparison.Ordinal) => 64L << 20,
        _ => 8L << 30,
    };

    public static string PathOf(RunFolder folder, string name) => Path.Combine(folder.Path, name.Replace('/', Path.DirectorySeparatorChar));

    public static string NameOf(RunFolder folder, string path) =>
        Path.GetRelativePath(folder.Path, path).Replace(Path.DirectorySeparatorChar, '/');

    [GeneratedRegex(
        @"\A(recipe\.json|samples\.json|best_model\.pth|classes\.json|metrics\.csv|checkpoint\.safetensors|start/(?!\.)[\w. -]{1,120})\z")]
    private static partial Regex Fetched();

    [GeneratedRegex(
        @"\A(best_model\.pth|classes\.json|metrics\.csv|model\.onnx|model\.safetensors|export\.json|trainer\.log|checkpoint\.safetensors"
            + @"|predictions/epoch-[0-9]{4,6}\.parquet)\z")]
    private static partial Regex Sent();
}
