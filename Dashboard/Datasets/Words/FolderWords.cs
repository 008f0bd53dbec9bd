using System.Globalization;

namespace Dashboard.Datasets.Words;

/// <summary>What people read of the name and the folder that they give for a dataset.</summary>
internal static class FolderWords
{
    public const string NameMissing = "Give the dataset a name, such as “cats and dogs”.";

    public const string NameHasControls = "The name holds a line break or another control character. Write it in one line.";

    public const string FolderMissing = "Give the folder of the images, such as /home/you/photos.";

    public const string PathIsImpossible = "The path holds a character that no path can hold. Type it anew.";

    public static string NameTooLong(int length, int most) => string.Create(CultureInfo.InvariantCulture,
        $"The name has {length} characters; {most} at most. Shorten it.");

    public static string NameIsANumber(string name) =>
        $"A name of digits only, such as “{name}”, can't be told from a dataset's number. Add a word.";

    /// <param name="last">The path's last part.</param>
    public static string PathNotFull(string path, string last) =>
        $"“{path}” is not a full path. Start it with / or ~, as in /home/you/{last}.";

    public static string LiesInOwnData(string folder, string own) =>
        $"{folder} lies inside the dashboard's own data ({own}), which it may change or delete. Choose a folder outside.";

    public static string HoldsOwnData(string folder, string own) =>
        $"{folder} holds the dashboard's own data ({own}). Choose the folder that holds only the images.";

    public static string IsAZip(string file) => $"{file} is a zip file. Upload it instead, or unpack it and give the folder.";

    public static string IsAFile(string file) =>
        $"{file} is a file, not a folder. Give the folder that holds a folder of images per class.";

    public static string NotThere(string folder) =>
        $"There is no folder {folder} on the computer that runs the dashboard. Check the spelling, and that the disk is mounted.";

    /// <param name="nearest">The folder above that is there.</param>
    public static string NotThereBelow(string folder, string nearest) =>
        $"There is no folder {folder} on the computer that runs the dashboard; {nearest} is there. Check the rest of the spelling.";

    public static string CantBeRead(string folder) =>
        $"{folder} can't be read: the account that runs the dashboard has no right to. Give it the right, or copy the images elsewhere.";

    public static string HoldsSystemFiles(string folder) =>
        $"{folder} holds the system's own files, no images. Choose the folder that holds only the images.";

    public static string NotOpen(string folder, string allowed, string setting) =>
        $"{folder} is not open to other computers. Choose one in {allowed} (setting {setting}), or upload a zip of the images.";

    public static string NoneIsOpen(string setting) =>
        $"Folders of the dashboard's computer can be added at that computer itself only, until an admin names some in the setting "
            + $"{setting}. Upload a zip of the images instead.";

    public static string IsClosed(string folder, string setting) =>
        $"{folder} was added from another computer, and is not one of the folders that are open to them. Its images stay as they are, but "
            + $"are not shown, and no run can start on them. An admin can add the folder to the setting {setting}, and somebody at the "
            + "dashboard's own computer can open this dataset here.";

    /// <summary>Such as "/data/photos and /mnt/sets"; empty: none.</summary>
    public static string List(IReadOnlyList<string> folders) =>
        folders.Count < 2 ? string.Concat(folders) : $"{string.Join(", ", folders.SkipLast(1))} and {folders[^1]}";

    /// <summary>Of the setting, as are those that follow.</summary>
    public static string EntryNotFull(string folder) =>
        $"'{folder}' is not a full path. Write it as in /data/photos, and separate several by semicolons.";

    public static string EntryNotThere(string folder) => $"there is no folder {folder}. Make it, mount its disk, or leave it out.";

    public static string EntryHoldsSystemFiles(string folder) =>
        $"{folder} holds the system's own files. Name the folder that holds only images.";
}
