using System.Text.Json;

namespace Training.Core.Runs;

/// <summary>
/// The events of one attempt on the trainer's own disk, one JSON object a line, appended before anything is sent.
/// Thread-safe. A last line that a crash tore is cut off when the journal is opened for appending, and ignored by readers.
/// </summary>
public sealed class Journal : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Stream _file;
    private readonly TimeProvider _time;

    private Journal(Stream file, long lastSequence, TimeProvider time) =>
        (_file, LastSequence, _time) = (file, lastSequence, time);

    /// <summary>The sequence number of the last entry; 0 when empty.</summary>
    public long LastSequence
    {
        get
        {
            lock (_lock) return field;
        }
        private set;
    }

    /// <summary>Opens or creates the journal for appending, after what it already holds.</summary>
    /// <exception cref="IOException">The file can't be opened or read.</exception>
    public static Journal Open(string path, TimeProvider time)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        // No buffer of ours: every append is one write to the operating system, which outlives the process.
        var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        try
        {
            return Open(file, time);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    internal static Journal Open(Stream file, TimeProvider time)
    {
        var (length, lastSequence) = JournalFile.WholeLines(file);
        file.SetLength(length);
        file.Position = length;
        return new Journal(file, lastSequence, time);
    }

    /// <summary>Appends and flushes to the operating system (so that it survives kill -9).</summary>
    /// <exception cref="IOException">The disk is full: the journal is as it was before, and the sequence number isn't used up.</exception>
    public JournalEntry Append(RunEvent runEvent)
    {
        lock (_lock)
        {
            var entry = new JournalEntry(LastSequence + 1, _time.GetUtcNow(), runEvent);
            var start = _file.Position;
            try
            {
                _file.Write([.. JsonSerializer.SerializeToUtf8Bytes(entry, CoreJson.Options), (byte)'\n']);
            }
            catch (IOException)
            {
                _file.SetLength(start);
                _file.Position = start;
                throw;
            }
            LastSequence = entry.Sequence;
            return entry;
        }
    }

    /// <summary>
    /// Entries with a sequence number above <paramref name="after"/>, in order, at most <paramref name="limit"/>; also while someone
    /// appends. Finds its place by bisection, so that reading the newest entries of a long journal is quick. Empty when there is no file.
    /// </summary>
    /// <exception cref="InvalidDataException">A whole line is no entry; the message names the file and the last good number.</exception>
    public static IReadOnlyList<JournalEntry> Read(string path, long after = 0, int limit = int.MaxValue)
    {
        if (!File.Exists(path)) return [];
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 1 << 16);
        file.Position = JournalFile.OffsetAfter(file, after);
        var entries = new List<JournalEntry>();
        foreach (var line in JournalFile.Lines(file))
        {
            if (entries.Count >= limit) break;
            var entry = Parse(line.Span)
                ?? throw new InvalidDataException($"{path} is damaged after entry {(entries.Count > 0 ? entries[^1].Sequence : after)}.");
            if (entry.Sequence > after) entries.Add(entry);
        }
        return entries;
    }

    public void Dispose() => _file.Dispose();

    private static JournalEntry? Parse(ReadOnlySpan<byte> line)
    {
        try
        {
            return JsonSerializer.Deserialize<JournalEntry>(line, CoreJson.Options);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
