using Training.Core.Runs;

namespace Dashboard.Trainers;

/// <summary>Tells the trainer of a run where the dashboard is now: it may come back on another port while the training goes on.</summary>
internal static class ServerFile
{
    private const string Name = "server.txt";

    public static void Write(RunFolder folder, Uri server) =>
        AtomicFile.WriteText(Path.Combine(folder.Path, Name), server.ToString());

    /// <summary>Null when nothing usable stands there.</summary>
    public static Uri? Read(RunFolder folder)
    {
        try
        {
            return Uri.TryCreate(File.ReadAllText(Path.Combine(folder.Path, Name)).Trim(), UriKind.Absolute, out var server) ? server : null;
        }
        catch (IOException)
        {
            return null;
        }
    }
}
