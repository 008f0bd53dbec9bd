using Dashboard.Datasets.Words;
using Dashboard.Datasets.Zips;
using Dashboard.Storage;
using Dashboard.Storage.Files;
using Training.Core.Data.Encodings;
using Training.Core.Runs;

namespace Dashboard.Datasets.Imports;

/// <summary>Uploaded zips on their way to a dataset's folder. Unfinished things have names of their own and go at the next start.</summary>
internal static class UploadFiles
{
    private const string Incoming = "incoming-", Unfinished = PartFile.Suffix;

    /// <summary>A name for a zip that is being received.</summary>
    public static string NewIncoming(DashboardOptions options)
    {
        Directory.CreateDirectory(options.DatasetsFolder);
        return Path.Combine(options.DatasetsFolder, $"{Incoming}{Guid.NewGuid():N}.zip");
    }

    /// <summary>Removes what an interrupted upload or unpacking left behind.</summary>
    /// <param name="before">Only what nobody has touched since: another dashboard may be receiving it.</param>
    public static void RemoveUnfinished(DashboardOptions options, DateTimeOffset? before = null)
    {
        if (!Directory.Exists(options.DatasetsFolder)) return;
        var limit = before?.UtcDateTime ?? DateTime.MaxValue;
        foreach (var zip in Directory.EnumerateFiles(options.DatasetsFolder, Incoming + "*"))
            if (File.GetLastWriteTimeUtc(zip) < limit) File.Delete(zip);
        foreach (var file in Directory.EnumerateFiles(options.DatasetsFolder, "*" + Unfinished))
            if (File.GetLastWriteTimeUtc(file) < limit) File.Delete(file);
        foreach (var folder in Directory.EnumerateDirectories(options.DatasetsFolder, "*" + Unfinished))
            if (Directory.GetLastWriteTimeUtc(folder) < limit) Directory.Delete(folder, recursive: true);
    }

    /// <summary>Free space of the disk that will hold <paramref name="folder"/>, bytes.</summary>
    public static long FreeBytes(string folder) => DiskRoom.FreeAt(folder) ?? long.MaxValue;

    /// <summary>
    /// Unpacks into a sibling of <paramref name="folder"/> and renames it when it is whole. The zip is gone afterwards, also when it
    /// turns out to be bad; it stays when the work is interrupted, and when the disk has no room for it now.
    /// </summary>
    /// <exception cref="DatasetException">The zip can't be unpacked; nothing of it is left but, for want of room, itself.</exception>
    public static void Unpack(
        string zip, string folder, ZipLimits limits, IProgress<(int, int)>? progress, CancellationToken cancellationToken)
    {
        var unfinished = folder + Unfinished;
        try
        {
            RemoveFolder(unfinished);
            var encoding = UploadRecord.Load(folder).Encoding is { } name ? NameEncoding.Find(name) : null;
            using (var contents = ZipContents.Open(zip, limits, encoding)) UnpackAll(contents);
            RemoveFolder(folder);
            Directory.Move(unfinished, folder);
            File.Delete(zip);
        }
        catch (Exception exception)
        {
            RemoveFolder(unfinished);
            if (exception is OperationCanceledException) throw;
            if (exception is NoRoomException)
                throw new NoRoomException(UploadWords.ZipIsKept(exception.Message));
            File.Delete(zip);
            if (exception is DatasetException) throw;
            if (Explain(exception, Path.GetDirectoryName(folder)!) is { } explained) throw explained;
            throw;
        }

        void UnpackAll(ZipContents contents)
        {
            try
            {
                ZipUnpacker.Unpack(contents, zip, unfinished, limits, progress, cancellationToken);
            }
            catch (IOException exception) when (FullDisk.Is(exception))
            {
                RemoveFolder(unfinished);
                throw new NoRoomException(UploadWords.DiskIsFull(Path.GetDirectoryName(folder), contents.Bytes, FreeBytes(folder)));
            }
        }
    }

    /// <summary>Words for what the disk refused while an upload came; null for a fault of the program.</summary>
    public static DatasetException? Explain(Exception exception, string folder) => exception switch
    {
        InvalidDataException => ZipContents.Bad(UploadWords.Damaged),
        _ when StorageException.Explain(exception, folder) is { } known => ZipContents.Bad(UploadWords.NothingWasKept(known.Message)),
        _ => null,
    };

    private static void RemoveFolder(string folder)
    {
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
    }
}
