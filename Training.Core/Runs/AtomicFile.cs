namespace Training.Core.Runs;

/// <summary>Writes a file under a temporary name, makes it durable, then renames it: a torn file is never taken for a whole one.</summary>
public static class AtomicFile
{
    internal const string TemporarySuffix = ".part";

    /// <summary>On any failure the temporary file is removed and the former file stays as it was.</summary>
    /// <param name="write">Called again without a disk to learn how much it needs when there is no room.</param>
    /// <param name="repeats">false: it can't be called again, or would take long.</param>
    /// <exception cref="NoSpaceException">The disk is full; it says how much the file needs.</exception>
    /// <exception cref="IOException">Such as that the folder above the file's is gone, or that someone else writes the same file at this
    /// moment.</exception>
    public static void Write(string path, Action<Stream> write, bool repeats = true)
    {
        ArgumentNullException.ThrowIfNull(write);
        var temporary = path + TemporarySuffix;
        MakeFolder(Path.GetDirectoryName(Path.GetFullPath(path))!);
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
        catch (Exception error)
        {
            File.Delete(temporary);
            if (!repeats || error is not IOException || !FullDisk.Is(error)) throw;
            throw new NoSpaceException(Path.GetFileName(path), path, Measure(write), DiskRoom.FreeAt(path), error);
        }
    }

    /// <summary>
    /// Not the folders above: where those are gone, a whole data root is, such as that of an unmounted disk, and nobody would look for the
    /// file in its place.
    /// </summary>
    private static void MakeFolder(string folder)
    {
        if (Path.GetDirectoryName(folder) is not { } above || Directory.Exists(above)) Directory.CreateDirectory(folder);
    }

    /// <summary>UTF-8 without a byte order mark.</summary>
    public static void WriteText(string path, string text) =>
        Write(path, stream =>
        {
            using var writer = new StreamWriter(stream, leaveOpen: true);
            writer.Write(text);
        });

    private static long Measure(Action<Stream> write)
    {
        using var measure = new MeasuringStream();
        write(measure);
        return measure.Length;
    }

    /// <summary>Keeps nothing but how long it became.</summary>
    private sealed class MeasuringStream : Stream
    {
        private long _length;

        public override bool CanRead => false;
        public override bool CanSeek => true;
        public override bool CanWrite => true;
        public override long Length => _length;
        public override long Position { get; set; }

        public override void Write(byte[] buffer, int offset, int count) => Advance(count);

        public override void Write(ReadOnlySpan<byte> buffer) => Advance(buffer.Length);

        public override void WriteByte(byte value) => Advance(1);

        public override long Seek(long offset, SeekOrigin origin) =>
            Position = offset + (origin == SeekOrigin.Begin ? 0 : origin == SeekOrigin.Current ? Position : _length);

        public override void SetLength(long value) => _length = value;

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush()
        {
        }

        private void Advance(int bytes)
        {
            Position += bytes;
            _length = Math.Max(_length, Position);
        }
    }
}
