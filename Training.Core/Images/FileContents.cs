using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Training.Core.Runs;

namespace Training.Core.Images;

/// <summary>
/// Which content the files of a dataset have now, by SHA-256. A file is hashed when its bytes are in memory anyway, and trusted without
/// being read while its stamp is the one that it had then; the stamps are kept for later runs. Thread-safe.
/// </summary>
internal sealed class FileContents
{
    /// <summary>To be raised when the file's form changes.</summary>
    private const int Form = 1;

    /// <summary>A file written this moment can be written once more without its time telling.</summary>
    private static readonly TimeSpan TooFresh = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<string, (FileStamp Stamp, string Sha256)> _known = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> _changed = new(StringComparer.Ordinal);
    private readonly FolderFence _fence;
    private readonly string? _file;
    private volatile bool _isNew;

    /// <param name="root">Of the dataset; one file is kept for each.</param>
    /// <param name="cacheFolder">Need not exist; null: nothing is kept.</param>
    /// <param name="fence">Where the files have to lie.</param>
    public FileContents(string root, string? cacheFolder, FolderFence fence)
    {
        _fence = fence;
        if (cacheFolder is null) return;
        _file = Path.Combine(cacheFolder, "contents", Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(root)))[..32]);
        Load(_file);
    }

    /// <summary>Files that hold something else than was expected, with what they hold.</summary>
    public IReadOnlyDictionary<string, string> Changed => _changed;

    /// <summary>
    /// What a file holds as far as can be told without reading it; null when that can't be told, or the file not be opened.
    /// </summary>
    public string? Known(string path, string expected)
    {
        try
        {
            using var handle = _fence.Open(path);
            return Known(path, expected, FileStamp.Of(handle));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null; // whoever reads it says why
        }
    }

    /// <summary>What a file holds, read where need be; null when it can't be read.</summary>
    public string? Now(string path, string expected, CancellationToken cancellationToken)
    {
        if (Known(path, expected) is { } known) return known;
        try
        {
            using var file = FileBytes.Read(path, _fence, cancellationToken);
            return Of(path, expected, file);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ImageException)
        {
            return null;
        }
    }

    /// <summary>What a file holds that has been read.</summary>
    /// <param name="expected">Of the scan; empty: anything.</param>
    public string Of(string path, string expected, in FileBytes file)
    {
        if (Known(path, expected, file.Stamp) is { } known) return known;
        var sha256 = file.Sha256;
        if (TimeProvider.System.GetUtcNow().UtcTicks - file.Stamp.Written > TooFresh.Ticks)
        {
            _known[path] = (file.Stamp, sha256);
            _isNew = true;
        }
        return Compared(path, expected, sha256);
    }

    /// <summary>For later runs; only a cache, so what can't be written isn't.</summary>
    public void Save()
    {
        if (_file is null || !_isNew) return;
        _isNew = false;
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_file)!);
            AtomicFile.Write(_file, stream =>
            {
                using var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true);
                writer.Write(Form);
                foreach (var (path, (stamp, sha256)) in _known)
                {
                    writer.Write(path);
                    writer.Write(stamp.Length);
                    writer.Write(stamp.Written);
                    writer.Write(stamp.Made);
                    writer.Write(Convert.FromHexString(sha256));
                }
            });
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The next run reads the files again.
        }
    }

    private string? Known(string path, string expected, FileStamp stamp) =>
        _known.TryGetValue(path, out var known) && known.Stamp == stamp ? Compared(path, expected, known.Sha256) : null;

    private string Compared(string path, string expected, string found)
    {
        if (expected.Length > 0 && found != expected) _changed[path] = found;
        return found;
    }

    private void Load(string path)
    {
        if (!File.Exists(path)) return;
        try
        {
            using var reader = new BinaryReader(File.OpenRead(path));
            if (reader.ReadInt32() != Form) return;
            while (reader.BaseStream.Position < reader.BaseStream.Length)
            {
                var (file, stamp) = (reader.ReadString(), new FileStamp(reader.ReadInt64(), reader.ReadInt64(), reader.ReadInt64()));
                var hash = new byte[SHA256.HashSizeInBytes];
                reader.BaseStream.ReadExactly(hash);
                _known[file] = (stamp, Convert.ToHexStringLower(hash));
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or FormatException)
        {
            _known.Clear(); // damaged, or not ours to read
        }
    }
}
