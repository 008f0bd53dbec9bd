using System.Globalization;
using Microsoft.Extensions.Options;

namespace Dashboard.Storage;

/// <summary>The folder that holds everything; held by one dashboard at a time.</summary>
public sealed class DataRoot(IOptions<DashboardOptions> options) : IDisposable
{
    private const int LinuxWouldBlock = 11, WindowsSharingViolation = 32;

    private FileStream? _held;

    /// <summary>Makes the folder and holds it until the process ends.</summary>
    /// <exception cref="StorageException">It can't be written, its disk is full, or another dashboard holds it.</exception>
    public void Open()
    {
        if (_held is not null) return;
        var root = options.Value.DataRoot;
        var file = Path.Combine(root, "dashboard.lock");
        try
        {
            Directory.CreateDirectory(root);
            _held = Hold(file);
            using var writer = new StreamWriter(_held, leaveOpen: true);
            writer.Write(Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
        }
        catch (Exception exception) when (StorageException.Explain(exception, $"the data root {root}") is { } explained)
        {
            Dispose();
            throw explained;
        }
    }

    /// <summary>Two dashboards over one folder would both take its queued runs.</summary>
    private static FileStream Hold(string file)
    {
        try
        {
            return new FileStream(file, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 1);
        }
        catch (IOException exception) when ((exception.HResult & 0xFFFF) is LinuxWouldBlock or WindowsSharingViolation)
        {
            throw new StorageException(
                $"Another dashboard already uses the data root {Path.GetDirectoryName(file)}. Open that one in the browser, or give this one its own folder with --Dashboard:DataRoot=FOLDER.");
        }
    }

    public void Dispose()
    {
        _held?.Dispose();
        _held = null;
    }
}
