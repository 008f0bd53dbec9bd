using Dashboard.Datasets.Imports;
using Dashboard.Datasets.Words;
using Dashboard.Datasets.Zips;
using Dashboard.Storage;
using Microsoft.Extensions.Options;
using Training.Core.Data;
using Training.Core.Data.Demo;
using Training.Core.Data.Folders;

namespace Dashboard.Datasets;

/// <summary>The images of datasets on the disk: draws and unpacks them, looks through them, removes them.</summary>
internal sealed class DatasetFiles(DatasetStore store, DatasetFeed feed, IOptions<DashboardOptions> options)
{
    /// <summary>
    /// Makes the images, where that is still to be done, and looks through them: minutes on large sets, mostly waiting for the disk.
    /// </summary>
    /// <exception cref="DatasetException">The files are gone, or can't be used.</exception>
    public DatasetScan Read(DatasetRow row, CancellationToken cancellationToken)
    {
        Make(row, cancellationToken);
        var scan = Scan(row, cancellationToken);
        return row.Origin == DatasetOrigin.Upload ? WithFindings(scan, UploadRecord.Load(row.Root).Findings) : scan;
    }

    /// <summary>Removes the images and what was kept beside them.</summary>
    public void Remove(int id)
    {
        var folder = store.FolderOf(id);
        File.Delete(store.ZipOf(id));
        File.Delete(UploadRecord.PathOf(folder));
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
    }

    /// <summary>Unpacks an upload or draws the demo set; images in a folder of somebody's own are there already.</summary>
    private void Make(DatasetRow row, CancellationToken cancellationToken)
    {
        var zip = store.ZipOf(row.Id);
        if (row.Origin == DatasetOrigin.Upload && File.Exists(zip))
            UploadFiles.Unpack(zip, row.Root, ZipLimits.Of(options.Value), feed.Progress(row.Id, DatasetWorkKind.Unpacking),
                cancellationToken);
        else if (row.Origin == DatasetOrigin.Upload && !Directory.Exists(row.Root))
            throw new DatasetException("file", DatasetWords.UploadIsGone);
        else if (row.Origin == DatasetOrigin.Demo && !Directory.Exists(row.Root))
            ShapesDataset.Write(row.Root, progress: feed.Progress(row.Id, DatasetWorkKind.Drawing), cancellationToken: cancellationToken);
    }

    private DatasetScan Scan(DatasetRow row, CancellationToken cancellationToken)
    {
        var progress = feed.Progress(row.Id, DatasetWorkKind.Checking);
        progress.Report((0, 0));
        return ImageFolder.Scan(
            row.Root, progress: progress, fence: store.OpenFence(row), layout: LayoutChoice.Parse(DatasetStore.LayoutOf(row)),
            cancellationToken: cancellationToken);
    }

    /// <summary>Behind the errors, before what concerns single files.</summary>
    private static DatasetScan WithFindings(DatasetScan scan, IReadOnlyList<DatasetProblem> findings) =>
        findings.Count == 0 ? scan : scan with
    {
        Problems = [.. findings.Concat(scan.Problems).OrderByDescending(problem => problem.Severity)],
    };
}
