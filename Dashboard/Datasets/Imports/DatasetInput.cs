using System.Globalization;

namespace Dashboard.Datasets.Imports;

/// <summary>Checks what people type about a dataset.</summary>
internal static class DatasetInput
{
    public const int MaxName = 100;

    /// <exception cref="DatasetException">Field "name".</exception>
    public static string Name(string? typed)
    {
        var name = typed?.Trim() ?? "";
        if (name.Length == 0) throw Bad("Give the dataset a name, such as “cats and dogs”.");
        if (name.Length > MaxName)
            throw Bad(string.Create(CultureInfo.InvariantCulture,
                $"The name has {name.Length} characters; {MaxName} at most. Shorten it."));
        if (name.Any(char.IsControl)) throw Bad("The name holds a line break or another control character. Write it in one line.");
        if (name.All(char.IsAsciiDigit))
            throw Bad($"A name of digits only, such as “{name}”, can't be told from a dataset's number. Add a word.");
        return name;

        static DatasetException Bad(string message) => new("name", message);
    }

    /// <summary>The absolute folder, checked to be there, readable, and apart from the dashboard's own data.</summary>
    /// <param name="require">Throws for a folder that isn't for whoever adds it; asked before it is said whether there is one.</param>
    /// <exception cref="DatasetException">Field "path".</exception>
    public static string Folder(string? typed, string dataRoot, Action<string>? require = null)
    {
        var path = Clean(typed);
        if (path.Length == 0) throw Bad("Give the folder of the images, such as /home/you/photos.");
        if (path.Contains('\0', StringComparison.Ordinal)) throw Bad("The path holds a character that no path can hold. Type it anew.");
        if (!Path.IsPathFullyQualified(path))
            throw Bad($"“{path}” is not a full path. Start it with / or ~, as in /home/you/{Path.GetFileName(path)}.");
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        require?.Invoke(full);
        if (File.Exists(full)) throw Bad(NotAFolder(full));
        if (!Directory.Exists(full)) throw Bad(Missing(full));
        var own = Path.TrimEndingDirectorySeparator(Path.GetFullPath(dataRoot));
        if (Within(full, own) || Within(RealPath.Of(full), RealPath.Of(own)))
            throw Bad($"{full} lies inside the dashboard's own data ({own}), which it may change or delete. Choose a folder outside.");
        if (Within(own, full) || Within(RealPath.Of(own), RealPath.Of(full)))
            throw Bad($"{full} holds the dashboard's own data ({own}). Choose the folder that holds only the images.");
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
            ? $"{file} is a zip file. Upload it instead, or unpack it and give the folder."
            : $"{file} is a file, not a folder. Give the folder that holds a folder of images per class.";

    private static string Missing(string folder)
    {
        var nearest = Path.GetDirectoryName(folder);
        while (nearest is not null && !Directory.Exists(nearest)) nearest = Path.GetDirectoryName(nearest);
        return nearest is null or "/"
            ? $"There is no folder {folder} on the computer that runs the dashboard. Check the spelling, and that the disk is mounted."
            : $"There is no folder {folder} on the computer that runs the dashboard; {nearest} is there. Check the rest of the spelling.";
    }

    private static void RequireReadable(string folder)
    {
        try
        {
            _ = Directory.EnumerateFileSystemEntries(folder).Any();
        }
        catch (Exception exception) when (exception is UnauthorizedAccessException or IOException)
        {
            throw Bad($"{folder} can't be read: the account that runs the dashboard has no right to. Give it the right, or copy the "
                + "images elsewhere.");
        }
    }

    private static DatasetException Bad(string message) => new("path", message);
}
