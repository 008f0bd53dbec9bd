using System.IO.Hashing;
using Training.Core.Runs;

namespace Dashboard.Datasets.Zips;

/// <summary>Writes the files of a checked zip into a folder. Sizes are counted as they come: a zip may lie about them.</summary>
internal static class ZipUnpacker
{
    private const int BufferBytes = 1 << 17;

    /// <exception cref="DatasetException">An entry is damaged, or the zip grows beyond the limits.</exception>
    /// <exception cref="IOException">The disk is full or refuses.</exception>
    public static void Unpack(
        ZipContents contents, string zip, string folder, ZipLimits limits, IProgress<(int, int)>? progress,
        CancellationToken cancellationToken)
    {
        var budget = new Budget(new FileInfo(zip).Length, limits);
        var buffer = new byte[BufferBytes];
        var reportEvery = Math.Max(1, contents.Files.Count / 200);
        var parents = new HashSet<string>(StringComparer.Ordinal);
        Directory.CreateDirectory(folder);
        progress?.Report((0, contents.Files.Count));
        for (var done = 0; done < contents.Files.Count;)
        {
            var file = contents.Files[done];
            var target = Path.Combine(folder, file.Path);
            var parent = Path.GetDirectoryName(target)!;
            if (parents.Add(parent)) Directory.CreateDirectory(parent);
            Write(contents, file, target, buffer, budget, cancellationToken);
            if (++done % reportEvery == 0 || done == contents.Files.Count) progress?.Report((done, contents.Files.Count));
        }
    }

    private static void Write(
        ZipContents contents, ZipFileEntry file, string target, byte[] buffer, Budget budget, CancellationToken cancellationToken)
    {
        using var from = Decoded(file, () => contents.Read(file));
        using var to = new FileStream(target, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
        var sum = new Crc32(); // .NET's own reader writes checksums, but doesn't compare them
        long written = 0;
        while (Decoded(file, () => from.Read(buffer, 0, buffer.Length)) is > 0 and var read)
        {
            cancellationToken.ThrowIfCancellationRequested();
            written += read;
            budget.Take(read);
            if (written > file.Record.Length) throw Damaged(file, "it is longer than the zip says");
            sum.Append(buffer.AsSpan(0, read));
            to.Write(buffer, 0, read);
        }
        if (written < file.Record.Length) throw Damaged(file, "it is cut off");
        if (sum.GetCurrentHashAsUInt32() != file.Record.Sum) throw Damaged(file, "its checksum is wrong");
    }

    /// <summary>What decoders make of bytes that their method doesn't have: most throw what they please.</summary>
    private static T Decoded<T>(ZipFileEntry file, Func<T> decode)
    {
        try
        {
            return decode();
        }
        catch (TooMuchMemoryException)
        {
            throw ZipContents.Bad($"The zip's compression is not supported: “{file.Path}” needs more than "
                + $"{ByteSize.Text(ZipMethods.MaxLzmaDictionary)} of memory to be unpacked. "
                + "Make it again with the usual method, which programs call Deflate or “normal”.");
        }
        catch (Exception exception)
            when (exception is EndOfStreamException or not (IOException or OperationCanceledException or OutOfMemoryException))
        {
            throw Damaged(file, "it can't be unpacked");
        }
    }

    private static DatasetException Damaged(ZipFileEntry file, string how) =>
        ZipContents.Bad($"The zip is damaged at “{file.Path}”: {how}. Make it again, or copy it again, and upload that.");

    private sealed class Budget(long zipBytes, ZipLimits limits)
    {
        private long _taken;

        public void Take(int bytes)
        {
            _taken += bytes;
            ZipContents.RequireAllowed(_taken, zipBytes, limits);
        }
    }
}
