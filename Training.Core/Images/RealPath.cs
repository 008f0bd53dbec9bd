namespace Training.Core.Images;

/// <summary>Where a path leads once every link in it is followed, as the system itself follows them.</summary>
public static class RealPath
{
    /// <summary>More links than this in one path lead in a circle.</summary>
    private const int MostLinks = 40;

    private static readonly char[] Separators = [Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar];

    /// <param name="path">Absolute; what isn't there stays as it is written.</param>
    /// <exception cref="IOException">The links lead in a circle.</exception>
    public static string Of(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var at = Path.GetPathRoot(path)!;
        var ahead = new Stack<string>();
        Push(ahead, path[at.Length..]);
        var links = 0;
        while (ahead.TryPop(out var part))
        {
            if (part == ".") continue;
            if (part == "..")
            {
                at = Path.GetDirectoryName(at) ?? at;
                continue;
            }
            var next = Path.Join(at, part);
            if (new FileInfo(next).LinkTarget is not { } target)
            {
                at = next;
                continue;
            }
            if (++links > MostLinks) throw new IOException($"{path} can't be followed: its links lead in a circle.");
            if (Path.IsPathRooted(target)) at = Path.GetPathRoot(target)!;
            Push(ahead, Path.IsPathRooted(target) ? target[at.Length..] : target);
        }
        return at;
    }

    private static void Push(Stack<string> ahead, string path)
    {
        foreach (var part in path.Split(Separators, StringSplitOptions.RemoveEmptyEntries).Reverse()) ahead.Push(part);
    }
}
