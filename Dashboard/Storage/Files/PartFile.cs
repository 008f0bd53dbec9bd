namespace Dashboard.Storage.Files;

/// <summary>
/// A file that is brought here in pieces and has its name only when it is whole. However many want it, in this process and in others that
/// share its folder, one brings it and the rest wait.
/// </summary>
internal sealed class PartFile(string path, TimeProvider time)
{
    public const string Suffix = ".part";

    private string Part => path + Suffix;

    /// <param name="isThere">Whether what lies under the name will do: somebody else may have brought it meanwhile.</param>
    /// <param name="fill">Gets what an earlier try left, which nobody else can open now; when it throws, what it wrote stays for the next
    /// try.</param>
    /// <param name="waits">Called when somebody else is bringing it.</param>
    public async Task BringAsync(
        Func<bool> isThere, Func<FileStream, CancellationToken, Task> fill, CancellationToken cancellationToken, Action? waits = null)
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
            await fill(part, cancellationToken);
            await part.FlushAsync(cancellationToken);
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
            if (!isWorthKeeping) File.Delete(Part);
        }
    }
}
