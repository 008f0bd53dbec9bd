namespace Dashboard.Storage.Files;

/// <summary>
/// A file that is brought here in pieces and has its name only when it is whole. However many want it, in this process and in others that
/// share its folder, one brings it and the rest wait.
/// </summary>
internal sealed class PartFile(string path, TimeProvider time)
{
    public const string Suffix = ".part";

    private string Part => path + Suffix;

    private string Mark => Part + ".version";

    /// <param name="isThere">Whether what lies under the name will do: somebody else may have brought it meanwhile.</param>
    /// <param name="fill">Gets what an earlier try left; when it throws, what it wrote stays for the next try.</param>
    /// <param name="waits">Called when somebody else is bringing it.</param>
    public async Task BringAsync(
        Func<bool> isThere, Func<HeldPart, CancellationToken, Task> fill, CancellationToken cancellationToken, Action? waits = null)
    {
        if (isThere()) return;
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await using var part = await HeldFile.OpenAsync(Part, time, cancellationToken, waits);
        var isWorthKeeping = true;
        try
        {
            if (isThere())
            {
                isWorthKeeping = false;
                return;
            }
            await fill(new HeldPart(part, Mark), cancellationToken);
            await part.FlushAsync(cancellationToken);
            File.Delete(Mark);
            File.Move(Part, path, overwrite: true);
        }
        catch
        {
            // Of nothing there is nothing to go on from.
            isWorthKeeping = part.Length > 0;
            throw;
        }
        finally
        {
            // Who holds it may remove it: others look whether what they opened still has its name.
            if (!isWorthKeeping) Remove();
        }
    }

    /// <summary>Brings a file that is known by its content: no other content gets its name.</summary>
    /// <param name="sha256">Its first hex digits at least, lower case.</param>
    /// <param name="fill">Gets what an earlier try left, unless that is all of it.</param>
    /// <param name="other">What is said of another content, by its SHA-256; that is not kept.</param>
    public Task BringAsync(
        string sha256, Func<HeldPart, CancellationToken, Task> fill, Func<string, Exception> other, CancellationToken cancellationToken,
        Action? waits = null) => BringAsync(() => File.Exists(path), async (part, bringing) =>
    {
        // Everything may have come before the last process ended.
        if (part.Length > 0 && Is(await part.HashAsync(bringing))) return;
        await fill(part, bringing);
        var hash = await part.HashAsync(bringing);
        if (Is(hash)) return;
        part.Clear();
        throw other(hash);

        bool Is(string found) => found.StartsWith(sha256, StringComparison.Ordinal);
    }, cancellationToken, waits);

    private void Remove()
    {
        File.Delete(Part);
        File.Delete(Mark);
    }
}
