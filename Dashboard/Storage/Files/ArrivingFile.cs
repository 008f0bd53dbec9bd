namespace Dashboard.Storage.Files;

/// <summary>A file that somebody sends here, under a name of its own until it is taken: what nobody takes is deleted.</summary>
/// <param name="path">The name of its own. An earlier file of that name is replaced.</param>
internal sealed class ArrivingFile(string path) : IDisposable
{
    private bool _isHere;

    public string Path => path;

    /// <summary>Takes all that comes; whoever sends is waited for as long as the connection stands.</summary>
    /// <param name="arrived">Gets each piece: adds to a checksum, say, or throws when it is too much.</param>
    public async Task ReceiveAsync(Stream body, Action<ReadOnlyMemory<byte>>? arrived, CancellationToken cancellationToken)
    {
        _isHere = true;
        await using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0, useAsync: true);
        await StreamCopy.CopyAsync(body.ReadAsync, file, arrived, cancellationToken);
    }

    /// <summary>Gives it the name of what it replaces, in one step, and only when a loss of power could no longer tear it.</summary>
    public void MoveTo(string target)
    {
        using (var written = File.OpenHandle(path, FileMode.Open, FileAccess.Write)) RandomAccess.FlushToDisk(written);
        File.Move(path, target, overwrite: true);
        _isHere = false;
    }

    /// <summary>What was moved elsewhere is not touched.</summary>
    public void Dispose()
    {
        if (_isHere) File.Delete(path);
    }
}
