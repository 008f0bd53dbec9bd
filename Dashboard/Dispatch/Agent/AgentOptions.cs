using Dashboard.Protocol;

namespace Dashboard.Dispatch.Agent;

/// <summary>What <c>agent</c> was told.</summary>
/// <param name="Server">The dashboard's address.</param>
/// <param name="Token">Lets the machine join for the first time; null once it has a secret of its own.</param>
/// <param name="KeyFile">Where that secret lies.</param>
/// <param name="MostBlobBytes">Of images that are kept for later runs.</param>
internal sealed record AgentOptions(Uri Server, string? Token, string KeyFile, long MostBlobBytes)
{
    /// <summary>The machine's own secret; null before it has joined.</summary>
    public string? Key => File.Exists(KeyFile) && File.ReadAllText(KeyFile).Trim() is { Length: > 0 } key ? key : null;

    public void SaveKey(string key)
    {
        // Nobody but the owner may ever read it, not even between two system calls.
        var mode = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) mode.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var writer = new StreamWriter(KeyFile + ".new", mode)) writer.Write(key);
        File.Move(KeyFile + ".new", KeyFile, overwrite: true);
    }

    /// <summary>What the dashboard knows this machine by.</summary>
    public string Secret => Key ?? Token ?? AttemptToken.Create();
}
