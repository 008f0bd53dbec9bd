namespace Dashboard.Storage.Files;

/// <summary>The loop by which every file arrives here, whoever sends it: piece by piece, however large it is.</summary>
internal static class StreamCopy
{
    private const int BufferBytes = 1 << 17;

    /// <summary>Copies to the end.</summary>
    /// <param name="read">A stream's own, or one that is not patient for ever; 0 bytes are the end.</param>
    /// <param name="written">Gets each piece as soon as it lies there; what it throws ends the copy.</param>
    public static async Task CopyAsync(
        Func<Memory<byte>, CancellationToken, ValueTask<int>> read, Stream to, Action<ReadOnlyMemory<byte>>? written,
        CancellationToken cancellationToken)
    {
        var buffer = new byte[BufferBytes];
        while (await read(buffer, cancellationToken) is > 0 and var count)
        {
            var piece = buffer.AsMemory(0, count);
            await to.WriteAsync(piece, cancellationToken);
            written?.Invoke(piece);
        }
    }
}
