namespace Training.Core.Runs;

/// <summary>
/// The events of one attempt on the trainer's own disk, one JSON object a line, appended before anything is sent.
/// Thread-safe. A last line that a crash tore is cut off when the journal is opened for appending, and ignored by readers.
/// </summary>
public sealed class Journal : IDisposable
{
    /// <summary>Opens or creates the journal for appending, after what it already holds.</summary>
    public static Journal Open(string path, TimeProvider time) => throw new NotImplementedException();

    /// <summary>The sequence number of the last entry; 0 when empty.</summary>
    public long LastSequence => throw new NotImplementedException();

    /// <summary>Appends and flushes to the operating system (so that it survives kill -9).</summary>
    public JournalEntry Append(RunEvent runEvent) => throw new NotImplementedException();

    /// <summary>Entries with a sequence number above <paramref name="after"/>, in order, at most <paramref name="limit"/>; also while someone appends.</summary>
    public static IReadOnlyList<JournalEntry> Read(string path, long after = 0, int limit = int.MaxValue) => throw new NotImplementedException();

    public void Dispose() => throw new NotImplementedException();
}
