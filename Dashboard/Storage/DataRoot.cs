using System.Globalization;
using Microsoft.Extensions.Options;

namespace Dashboard.Storage;

/// <summary>
/// The folder that holds everything; held by one dashboard at a time, or by several that know of each other (setting Dashboard:Redis),
/// each under a name of its own.
/// </summary>
public sealed class DataRoot(IOptions<DashboardOptions> options) : IDisposable
{
    private const string LockFile = "dashboard.lock";
    private const int LinuxWouldBlock = 11, WindowsSharingViolation = 32;

    private FileStream? _held, _name;

    /// <summary>Makes the folder and holds it until the process ends.</summary>
    /// <exception cref="StorageException">It can't be written, its disk is full, or another dashboard holds it.</exception>
    public void Open()
    {
        if (_held is not null) return;
        var root = options.Value.DataRoot;
        var file = Path.Combine(root, LockFile);
        try
        {
            Directory.CreateDirectory(root);
            if (options.Value.IsOneOfSeveral)
            {
                _held = Share(file);
                var own = Directory.CreateDirectory(Path.Combine(options.Value.PeersFolder, options.Value.PeerName));
                _name = Hold(Path.Combine(own.FullName, LockFile), NameTaken(options.Value.PeerName));
                return;
            }
            _held = Hold(file, RootTaken(root));
            using var writer = new StreamWriter(_held, leaveOpen: true);
            writer.Write(Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
        }
        catch (Exception exception) when (StorageException.Explain(exception, $"the data root {root}") is { } explained)
        {
            Dispose();
            throw explained;
        }
    }

    public void Dispose()
    {
        _name?.Dispose();
        _held?.Dispose();
        (_held, _name) = (null, null);
    }

    /// <summary>Two dashboards that don't know of each other would both take its queued runs.</summary>
    private static FileStream Hold(string file, string taken) => Open(taken, () => new FileStream(file, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 1));

    /// <summary>Beside others that share it, not beside one that holds it alone.</summary>
    private static FileStream Share(string file) =>
        Open(RootTaken(Path.GetDirectoryName(file)!), () => new FileStream(file, FileMode.OpenOrCreate, FileAccess.Read, FileShare.ReadWrite, bufferSize: 1));

    private static FileStream Open(string taken, Func<FileStream> open)
    {
        try
        {
            return open();
        }
        catch (IOException exception) when ((exception.HResult & 0xFFFF) is LinuxWouldBlock or WindowsSharingViolation)
        {
            throw new StorageException(taken);
        }
    }

    private static string RootTaken(string root) =>
        $"Another dashboard already uses the data root {root}. Open that one in the browser, or give this one its own folder with --Dashboard:DataRoot=FOLDER. Several dashboards share a folder when all have the settings Dashboard:Postgres and Dashboard:Redis.";

    private static string NameTaken(string name) =>
        $"Another dashboard of the name “{name}” runs already. Give this one another name with --Dashboard:Name=NAME.";
}
