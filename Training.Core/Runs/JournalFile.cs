using System.Text.Json;

namespace Training.Core.Runs;

/// <summary>Finds lines and sequence numbers in a journal's bytes. Every line starts with its number: {"sequence":17,…</summary>
public static class JournalFile
{
    private const int Chunk = 1 << 16;

    /// <summary>The length up to the last line that is whole, and that line's number (0 when there is none).</summary>
    public static (long Length, long LastSequence) WholeLines(Stream file)
    {
        var end = file.Length;
        while (end > 0)
        {
            // A torn line has no line feed; after a power cut a "whole" one may hold zeros: both are cut.
            var lineEnd = LastLineFeed(file, end) + 1;
            if (lineEnd == 0) return (0, 0);
            var lineStart = LastLineFeed(file, lineEnd - 1) + 1;
            if (SequenceAt(file, lineStart) is { } sequence) return (lineEnd, sequence);
            end = lineStart;
        }
        return (0, 0);
    }

    /// <summary>Where the first line with a number above <paramref name="sequence"/> starts, or a little before.</summary>
    public static long OffsetAfter(Stream file, long sequence)
    {
        if (sequence <= 0) return 0;
        long low = 0, high = file.Length;
        while (high - low > Chunk)
        {
            var middle = low + (high - low) / 2;
            var lineStart = LastLineFeed(file, middle) + 1;
            // Where bisection can't tell, reading from the lower end is always right.
            if (lineStart <= low || SequenceAt(file, lineStart) is not { } found) return low;
            if (found <= sequence) low = lineStart;
            else high = lineStart;
        }
        return low;
    }

    /// <summary>Whole lines from the current position on, without their line feed; valid until the next is asked for.</summary>
    public static IEnumerable<ReadOnlyMemory<byte>> Lines(Stream file)
    {
        var buffer = new byte[Chunk];
        var filled = 0;
        while (true)
        {
            if (filled == buffer.Length) Array.Resize(ref buffer, 2 * buffer.Length);
            var read = file.Read(buffer, filled, buffer.Length - filled);
            if (read == 0) yield break;
            filled += read;
            var start = 0;
            for (int length; (length = buffer.AsSpan(start, filled - start).IndexOf((byte)'\n')) >= 0; start += length + 1)
                yield return buffer.AsMemory(start, length);
            buffer.AsSpan(start, filled - start).CopyTo(buffer);
            filled -= start;
        }
    }

    /// <summary>Position of the last line feed before <paramref name="end"/>; −1 when there is none.</summary>
    private static long LastLineFeed(Stream file, long end)
    {
        var buffer = new byte[Chunk];
        while (end > 0)
        {
            var start = Math.Max(0, end - Chunk);
            file.Position = start;
            var part = buffer.AsSpan(0, (int)(end - start));
            file.ReadExactly(part);
            if (part.LastIndexOf((byte)'\n') is var found and >= 0) return start + found;
            end = start;
        }
        return -1;
    }

    private static long? SequenceAt(Stream file, long lineStart)
    {
        Span<byte> head = stackalloc byte[48];
        file.Position = lineStart;
        var length = file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        var reader = new Utf8JsonReader(head[..length], isFinalBlock: false, default);
        try
        {
            return reader.Read() && reader.Read() && reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals("sequence"u8)
                && reader.Read() && reader.TryGetInt64(out var sequence) ? sequence : null;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
