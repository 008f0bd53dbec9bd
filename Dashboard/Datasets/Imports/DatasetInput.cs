using Dashboard.Datasets.Words;

namespace Dashboard.Datasets.Imports;

/// <summary>Checks what people type about a dataset.</summary>
internal static class DatasetInput
{
    public const int MaxName = 100;

    /// <exception cref="DatasetException">Field "name".</exception>
    public static string Name(string? typed)
    {
        var name = typed?.Trim() ?? "";
        if (name.Length == 0) throw Bad(FolderWords.NameMissing);
        if (name.Length > MaxName) throw Bad(FolderWords.NameTooLong(name.Length, MaxName));
        if (name.Any(char.IsControl)) throw Bad(FolderWords.NameHasControls);
        if (name.All(char.IsAsciiDigit)) throw Bad(FolderWords.NameIsANumber(name));
        return name;

        static DatasetException Bad(string message) => new("name", message);
    }

    /// <summary>The absolute folder, checked to be there, readable, and apart from the dashboard's own data.</summary>
    /// <param name="require">Throws for a folder that isn't for whoever adds it; asked before it is said whether there is one.</param>
    /// <exception cref="DatasetException">Field "path".</exception>
    public static string Folder(string? typed, string dataRoot, Action<string>? require = null)
    {
        var path = Clean(typed);
        if (path.Length == 0) throw Bad(FolderWords.FolderMissing);
        if (path.Contains('\0', StringComparison.Ordinal)) throw Bad(FolderWords.PathIsImpossible);
        if (!Path.IsPathFullyQualified(path)) throw Bad(FolderWords.PathNotFull(path, Path.GetFileName(path)));
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        require?.Invoke(full);
        if (File.Exists(full)) throw Bad(NotAFolder(full));
        if (!Directory.Exists(full)) throw Bad(Missing(full));
        var own = Path.TrimEndingDirectorySeparator(Path.GetFullPath(dataRoot));
        if (Within(full, own) || Within(RealPath.Of(full), RealPath.Of(own)))
            throw Bad(FolderWords.LiesInOwnData(full, own));
        if (Within(own, full) || Within(RealPath.Of(own), RealPath.Of(full)))
            throw Bad(FolderWords.HoldsOwnData(full, own));
        RequireReadable(full);
        return full;
    }

    /// <summary>Whether <paramref name="path"/> is <paramref name="folder"/> or lies in it; both absolute.</summary>
    internal static bool Within(string path, string folder) =>
        string.Equals(path, folder, StringComparison.Ordinal)
        || path.StartsWith(Path.EndsInDirectorySeparator(folder) ? folder : folder + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    /// <summary>People paste paths with quotes and spaces around, as file addresses, or with ~ for their home.</summary>
    private static string Clean(string? typed)
    {
        var path = (typed ?? "").Trim().Trim('"', '\'', '“', '”').Trim();
        if (path.StartsWith("file://", StringComparison.OrdinalIgnoreCase) && Uri.TryCreate(path, UriKind.Absolute, out var address))
            path = address.LocalPath;
        if (path != "~" && !path.StartsWith("~/", StringComparison.Ordinal)) return path;
        return Path.Join(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), path[1..]);
    }

    private static string NotAFolder(string file) =>
        string.Equals(Path.GetExtension(file), ".zip", StringComparison.OrdinalIgnoreCase)
            ? FolderWords.IsAZip(file) : FolderWords.IsAFile(file);

    private static string Missing(string folder)
    {
        var nearest = Path.GetDirectoryName(folder);
        while (nearest is not null && !Directory.Exists(nearest)) nearest = Path.GetDirectoryName(nearest);
        return nearest is null or "/" ? FolderWords.NotThere(folder) : FolderWords.NotThereBelow(folder, nearest);
    }

    private static void RequireReadable(string folder)
    {
        try
        {
            _ = Directory.EnumerateFileSystemEntries(folder).Any();
        }
        catch (Exception exception) when (exception is UnauthorizedAccessException or IOException)
        {
            throw Bad(FolderWords.CantBeRead(folder));
        }
    }

    private static DatasetException Bad(string message) => new("path", message);
}
