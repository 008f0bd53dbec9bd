using System.Globalization;
using Training.Core.Runs;

namespace Dashboard.Dispatch;

/// <summary>
/// Says in a run's folder which attempt it belongs to now. Several dashboards share these folders: a trainer whose attempt was given up
/// while it heard nothing sees here that it must not write any more.
/// </summary>
internal static class AttemptFile
{
    private const string Name = "attempt.txt";

    public static void Write(RunFolder folder, int attempt) =>
        AtomicFile.WriteText(Path.Combine(folder.Path, Name), attempt.ToString(CultureInfo.InvariantCulture));

    /// <summary>Whether a later attempt has begun.</summary>
    public static bool IsOver(RunFolder folder, int attempt)
    {
        try
        {
            var path = Path.Combine(folder.Path, Name);
            return File.Exists(path)
                && int.TryParse(File.ReadAllText(path), NumberStyles.None, CultureInfo.InvariantCulture, out var current)
                && current > attempt;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A shared disk that is away says nothing.
            return false;
        }
    }
}
