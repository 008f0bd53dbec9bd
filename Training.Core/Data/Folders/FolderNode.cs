using Training.Core.Images;

namespace Training.Core.Data.Folders;

/// <summary>A folder's names and those of the folders below, without litter and what can't be used.</summary>
internal sealed class FolderNode(string name, string fullPath)
{
    /// <summary>Formats that aren't used but are pictures: a folder of them is a class whose files are named one by one.</summary>
    private static readonly HashSet<string> OtherImages = new(StringComparer.OrdinalIgnoreCase)
    {
        ".gif", ".tif", ".tiff", ".heic", ".heif", ".avif", ".jfif", ".jpe", ".jp2", ".svg", ".raw", ".dng", ".cr2", ".nef", ".psd",
    };

    public string Name { get; } = name;

    public string FullPath { get; } = fullPath;

    /// <summary>By ordinal name.</summary>
    public List<FolderNode> Folders { get; } = [];

    public List<string> Files { get; } = [];

    /// <summary>Files that look like images by their names, in the folder itself.</summary>
    public int OwnImages { get; private set; }

    /// <summary>The same, with the folders below.</summary>
    public int Images { get; private set; }

    /// <summary>All files, with the folders below.</summary>
    public int AllFiles { get; private set; }

    public IReadOnlyList<FolderNode> ImageFolders { get; private set; } = [];

    /// <summary>Once, from the top, when all is read. Where no file has an image's extension, every file counts as one.</summary>
    public void CountImages()
    {
        Count(LooksLikeImage);
        if (Images == 0) Count(_ => true);
    }

    public IEnumerable<string> FilesBelow() =>
        Files.Select(file => Path.Combine(FullPath, file)).Concat(Folders.SelectMany(folder => folder.FilesBelow()));

    public static bool LooksLikeImage(string file) =>
        Path.GetExtension(file) is var extension && (ImageDecoder.Extensions.Contains(extension) || OtherImages.Contains(extension));

    private void Count(Func<string, bool> isImage)
    {
        foreach (var folder in Folders) folder.Count(isImage);
        OwnImages = Files.Count(isImage);
        Images = OwnImages + Folders.Sum(folder => folder.Images);
        AllFiles = Files.Count + Folders.Sum(folder => folder.AllFiles);
        ImageFolders = Folders.FindAll(folder => folder.Images > 0);
    }
}
