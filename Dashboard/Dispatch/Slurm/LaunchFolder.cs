using System.Globalization;
using System.Text;

namespace Dashboard.Dispatch.Slurm;

/// <summary>
/// What a job reads when it starts: one file for each start, with the attempt and its secret, for its owner's eyes only. It lies beside the
/// runs' folders, whose files everybody may download.
/// </summary>
/// <param name="dataRoot">On a disk that the nodes see under the same path.</param>
/// <param name="submission">The attempt that the job was submitted for.</param>
internal sealed class LaunchFolder(string dataRoot, int runId, int submission)
{
    public string Path { get; } = System.IO.Path.Combine(
        System.IO.Path.GetFullPath(dataRoot), "clusters", string.Create(CultureInfo.InvariantCulture, $"run-{runId}-{submission}"));

    /// <summary>Whether a first start would find its file.</summary>
    public bool IsUnused => File.Exists(File0);

    private string File0 => In("start-0");

    /// <summary>
    /// Lets the job's start with this number train the attempt; an earlier one that still lives ends its trainer when it reads of it.
    /// </summary>
    public void Write(int restarts, int attempt, string token)
    {
        Directory.CreateDirectory(Path);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Replace("current", attempt.ToString(CultureInfo.InvariantCulture) + "\n");
        Replace(string.Create(CultureInfo.InvariantCulture, $"start-{restarts}"),
            string.Create(CultureInfo.InvariantCulture, $"{attempt} {token}\n"));
    }

    /// <summary>No attempt is current any more: a trainer that lives on where Slurm can't reach it ends.</summary>
    public void Close()
    {
        if (Directory.Exists(Path)) Replace("current", "none\n");
    }

    private string In(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>By renaming, and never readable by others, not even for a moment.</summary>
    private void Replace(string name, string text)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var stream = new FileStream(In(name + ".part"), options))
        {
            stream.Write(Encoding.ASCII.GetBytes(text));
            stream.Flush(flushToDisk: true);
        }
        File.Move(In(name + ".part"), In(name), overwrite: true);
    }
}
