using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Training.Core.Engine.Features;

/// <summary>
/// Features by image on disk, for one backbone and preprocessing. Every writer appends to a file of its own, so that several runs may
/// use a folder at once; a file that was cut off, or a record that was damaged, only costs computing it again. For one thread.
/// </summary>
internal sealed class FeatureCache : IDisposable
{
    private const string Pattern = "*.features";
    private const int ChecksumBytes = 8;

    private readonly string _folder;
    private readonly int _width;
    private readonly byte[] _record;
    private readonly Dictionary<FeatureKey, (int File, long Offset)> _index = [];
    private readonly List<FileStream> _files = [];
    private FileStream? _own;

    /// <param name="folder">Of this backbone and preprocessing; need not exist.</param>
    /// <param name="width">Numbers per image.</param>
    public FeatureCache(string folder, int width)
    {
        (_folder, _width) = (folder, width);
        _record = new byte[FeatureKey.Bytes + width * sizeof(float) + ChecksumBytes];
        if (!Directory.Exists(folder)) return;
        foreach (var path in Directory.EnumerateFiles(folder, Pattern).Order(StringComparer.Ordinal)) Index(path);
    }

    public int Count => _index.Count;

    public bool Contains(FeatureKey key) => _index.ContainsKey(key);

    /// <returns>
    /// False when the image isn't there, its record is damaged or holds what is no number; <paramref name="values"/> is undefined then.
    /// </returns>
    public bool TryRead(FeatureKey key, Span<float> values)
    {
        if (!_index.TryGetValue(key, out var place)) return false;
        if (RandomAccess.Read(_files[place.File].SafeFileHandle, _record, place.Offset) == _record.Length
            && FeatureKey.Read(_record) == key && IsWhole() && AreNumbers(Values(_record)))
        {
            Values(_record).CopyTo(values);
            return true;
        }
        _index.Remove(key);
        return false;
    }

    /// <exception cref="IOException">Such as a full disk; what was there before stays usable.</exception>
    /// <exception cref="ArgumentException">Other than <c>width</c> values, or one that is no number: every later run would get
    /// it.</exception>
    public void Add(FeatureKey key, ReadOnlySpan<float> values)
    {
        if (!AreNumbers(values)) throw new ArgumentException("A feature is no number.", nameof(values));
        if (values.Length != _width) throw new ArgumentException($"{values.Length} features instead of {_width}.", nameof(values));
        _own ??= Create();
        key.Write(_record);
        values.CopyTo(Values(_record));
        Checksum(_record).CopyTo(_record.AsSpan(_record.Length - ChecksumBytes));
        _own.Write(_record);
    }

    /// <summary>Deletes the caches that were used least recently until the others fit.</summary>
    /// <param name="root">Holds one folder per backbone and preprocessing.</param>
    /// <param name="keep">Never deleted.</param>
    public static void Trim(string root, string keep, long bytes)
    {
        if (!Directory.Exists(root)) return;
        var folders = new DirectoryInfo(root).EnumerateDirectories().OrderByDescending(folder => folder.LastWriteTimeUtc).ToList();
        foreach (var folder in folders)
        {
            bytes -= folder.EnumerateFiles(Pattern).Sum(file => file.Length);
            if (bytes < 0 && folder.FullName != Path.GetFullPath(keep)) folder.Delete(recursive: true);
        }
    }

    public void Dispose()
    {
        _own?.Dispose();
        foreach (var file in _files) file.Dispose();
    }

    private FileStream Create()
    {
        Directory.CreateDirectory(_folder);
        return new FileStream(Path.Combine(_folder, $"{Guid.NewGuid():N}.features"), FileMode.CreateNew, FileAccess.Write, FileShare.Read,
            1 << 16);
    }

    private void Index(string path)
    {
        FileStream file;
        try
        {
            file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1 << 20);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return; // deleted this moment, or not ours to read: computed again
        }
        _files.Add(file);
        for (long offset = 0; file.ReadAtLeast(_record, _record.Length,
            throwOnEndOfStream: false) == _record.Length; offset += _record.Length)
            _index[FeatureKey.Read(_record)] = (_files.Count - 1, offset);
    }

    private static bool AreNumbers(ReadOnlySpan<float> values)
    {
        foreach (var value in values)
            if (!float.IsFinite(value)) return false;
        return true;
    }

    private bool IsWhole() => Checksum(_record).SequenceEqual(_record.AsSpan(_record.Length - ChecksumBytes));

    private static Span<float> Values(byte[] record) =>
        MemoryMarshal.Cast<byte, float>(record.AsSpan(FeatureKey.Bytes..^ChecksumBytes));

    private static Span<byte> Checksum(byte[] record) =>
        SHA256.HashData(record.AsSpan(..^ChecksumBytes)).AsSpan(0, ChecksumBytes);
}
