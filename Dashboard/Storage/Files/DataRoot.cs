using System.Globalization;
using Dashboard.Storage.Words;
using Microsoft.Extensions.Options;
using Microsoft.Win32.SafeHandles;

namespace Dashboard.Storage.Files;

/// <summary>
/// The folder that holds everything; held by one dashboard at a time, or by several that know of each other (setting Dashboard:Redis),
/// each under a name of its own. Knows whether it still is the folder that was opened. Thread-safe after <see cref="Open"/>.
/// </summary>
public sealed class DataRoot(IOptions<DashboardOptions> options) : IDisposable
{
    /// <summary>Lies in a root into which a backup is being put back.</summary>
    internal const string UnfinishedRestore = "restore-unfinished";

    internal const string LockFile = "dashboard.lock";

    /// <summary>Holds a word of its own for each root, by which one on a disk that was mounted anew is known again.</summary>
    internal const string IdFile = "dashboard.id";

    private const int LinuxWouldBlock = 11, WindowsSharingViolation = 32;

    private readonly Lock _gate = new();
    private SafeFileHandle? _folder;
    private FileStream? _held, _name;
    private FileIdentity? _identity, _database;
    private string? _id;

    private string Root => options.Value.DataRoot;

    /// <summary>Makes the folder and holds it until the process ends.</summary>
    /// <exception cref="StorageException">It can't be written, its disk is full, or another dashboard holds it.</exception>
    public void Open()
    {
        if (_held is not null) return;
        try
        {
            Directory.CreateDirectory(Root);
            if (File.Exists(Path.Combine(Root, UnfinishedRestore)))
                throw new StorageException(StorageWords.RestoreUnfinished(Root));
            Hold();
            _id = ReadId() ?? MakeId();
            _identity = FileIdentity.Of(Root);
        }
        catch (Exception exception) when (StorageException.Explain(exception, StorageWords.DataRoot(Root)) is { } explained)
        {
            Dispose();
            throw explained;
        }
    }

    /// <summary>From now on another SQLite file under its name is not taken for it.</summary>
    public void KnowDatabase() => _database = FileIdentity.Of(options.Value.DatabaseFile);

    /// <summary>
    /// Before something is begun here. What is written into another folder under its name would be lost, and hide that it is gone.
    /// </summary>
    /// <exception cref="StorageException">The folder is gone, or another one is in its place.</exception>
    public void ThrowIfLost()
    {
        if (Lost() is { } words) throw new StorageException(words) { IsOutage = true };
    }

    /// <summary>What has become of the folder, in words; null while it is the one that was opened, or was not opened here.</summary>
    public string? Lost()
    {
        if (_id is null) return null;
        return IsSameFolder() ? IsSameDatabase() ? null : StorageWords.DatabaseIsReplaced(options.Value.DatabaseFile)
            : Directory.Exists(Root) ? StorageWords.RootIsReplaced(Root) : StorageWords.RootIsGone(Root);
    }

    /// <summary>Holds it again after its lock was deleted, or its disk was away and is back.</summary>
    /// <returns>What has become of it, as <see cref="Lost"/>.</returns>
    public string? Look()
    {
        lock (_gate)
        {
            if (Lost() is { } words) return words;
            if (_id is null) return null;
            var now = FileIdentity.Of(Root);
            if (now == _identity && File.Exists(Path.Combine(Root, LockFile))) return null;
            if (now != _identity) Release();
            Hold();
            _identity = now;
            KnowDatabase();
            return null;
        }
    }

    public void Dispose()
    {
        lock (_gate) Release();
        _id = null;
    }

    internal static bool IsTaken(IOException exception) => (exception.HResult & 0xFFFF) is LinuxWouldBlock or WindowsSharingViolation;

    private bool IsSameFolder()
    {
        if (FileIdentity.Of(Root) is not { } now || _identity is not { } then) return _identity is null && ReadId() == _id;
        // The first folder of any disk has the same number: whether it is the same disk, the word in it says.
        return now == then || now.Inode == then.Inode && ReadId() == _id;
    }

    private bool IsSameDatabase() => _database is not { } then || FileIdentity.Of(options.Value.DatabaseFile)?.Inode == then.Inode;

    private void Hold()
    {
        var several = options.Value.IsOneOfSeveral;
        // The folder itself as well: whoever deletes the file must not let a second dashboard in.
        _folder ??= FileIdentity.LockFolder(Root, several, out var isTaken) ?? (isTaken ? throw new StorageException(RootTaken) : null);
        var file = Path.Combine(Root, LockFile);
        _held?.Dispose();
        if (!several)
        {
            _held = Take(RootTaken, () => new FileStream(file, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 1));
            using var writer = new StreamWriter(_held, leaveOpen: true);
            writer.Write(Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
            return;
        }
        // Beside others that share it, not beside one that holds it alone.
        _held = Take(RootTaken, () => new FileStream(file, FileMode.OpenOrCreate, FileAccess.Read, FileShare.ReadWrite, bufferSize: 1));
        var own = Directory.CreateDirectory(Path.Combine(options.Value.PeersFolder, options.Value.PeerName));
        _name ??= Take(StorageWords.NameIsTaken(options.Value.PeerName), () =>
            new FileStream(Path.Combine(own.FullName, LockFile), FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 1));
    }

    private void Release()
    {
        _name?.Dispose();
        _held?.Dispose();
        _folder?.Dispose();
        (_held, _name, _folder) = (null, null, null);
    }

    private string? ReadId()
    {
        try
        {
            return File.ReadAllText(Path.Combine(Root, IdFile)) is { Length: > 0 } id ? id : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private string MakeId()
    {
        // Of several dashboards that start together one makes it.
        var own = Path.Combine(Root, $"{IdFile}.{Guid.NewGuid():N}");
        try
        {
            File.WriteAllText(own, Guid.NewGuid().ToString("N"));
            File.Move(own, Path.Combine(Root, IdFile), overwrite: false);
        }
        catch (IOException) when (ReadId() is not null)
        {
            File.Delete(own);
        }
        return ReadId() ?? throw new IOException($"{IdFile} can't be read back.");
    }

    private static FileStream Take(string taken, Func<FileStream> open)
    {
        try
        {
            return open();
        }
        catch (IOException exception) when (IsTaken(exception))
        {
            throw new StorageException(taken);
        }
    }

    private string RootTaken => StorageWords.RootIsTaken(Root, FileIdentity.HolderOf(Path.Combine(Root, LockFile)));
}
