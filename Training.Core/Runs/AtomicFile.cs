namespace Training.Core.Runs;

/// <summary>Writes a file under a temporary name, makes it durable, then renames it: a torn file is never taken for a whole one.</summary>
public static class AtomicFile
{
    internal const string TemporarySuffix = ".part";

    /// <summary>On any failure the temporary file is removed and the former file stays as it was.</summary>
    /// <exception cref="IOException">The disk is full, or someone else writes the same file at this moment.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        var temporary = path + TemporarySuffix;
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        // Opened outside the try: when another writer holds the temporary file, it is not ours to remove.
        var stream = new FileStream(temporary, FileMode.Create, FileAccess.ReadWrite, FileShare.None);
        try
        {
            using (stream)
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }
            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>UTF-8 without a byte order mark.</summary>
    public static void WriteText(string path, string text) =>
        Write(path, stream =>
        {
            using var writer = new StreamWriter(stream, leaveOpen: true);
            writer.Write(text);
        });
}
