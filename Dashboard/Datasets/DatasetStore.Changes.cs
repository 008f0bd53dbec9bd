using Dashboard.Access.Visitors;
using Dashboard.Datasets.Imports;
using Dashboard.Datasets.Words;
using Dashboard.Datasets.Zips;
using Dashboard.Processes;
using Dashboard.Storage;
using Microsoft.EntityFrameworkCore;
using Training.Core.Data.Encodings;
using Training.Core.Data.Folders;

namespace Dashboard.Datasets;

/// <summary>What people do with datasets.</summary>
public sealed partial class DatasetStore
{
    public const string DemoName = "Shapes (demo)";

    /// <summary>For somebody at this computer itself, who may take any folder of it.</summary>
    /// <exception cref="DatasetException">No such folder, name taken, name empty: names the field and the remedy.</exception>
    public Task<DatasetRow> AddFolderAsync(string name, string path, CancellationToken cancellationToken = default) =>
        AddFolderAsync(name, path, Visitor.ThisComputer, cancellationToken);

    /// <summary>The same for anybody.</summary>
    public Task<DatasetRow> AddFolderAsync(string name, string path, Visitor? by, CancellationToken cancellationToken = default) =>
        AddFolderAsync(name, path, by, null, cancellationToken);

    /// <summary>Registers a folder of this computer and scans it in the background (state Scanning, then Ready or Failed).</summary>
    /// <param name="layout">How it is to be read; null: as its structure and names say.</param>
    /// <exception cref="DatasetException">No such folder, one that isn't for them, name taken, name empty: names the field and the
    /// remedy.</exception>
    public async Task<DatasetRow> AddFolderAsync(
        string name, string path, Visitor? by, LayoutChoice? layout, CancellationToken cancellationToken = default)
    {
        var root = DatasetInput.Folder(path, options.Value.DataRoot, folder => folders.Require(folder, by));
        return await InsertAsync(name, DatasetOrigin.Folder, _ => root, _ => { }, layout, cancellationToken,
            isFenced: !AllowedFolders.IsHere(by));
    }

    /// <summary>For somebody at this computer itself: the dataset is from then on as if it had been added there.</summary>
    public async Task OpenFolderAsync(int id, CancellationToken cancellationToken = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await db.Datasets.Where(row => row.Id == id)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.IsFenced, false), cancellationToken);
        feed.Changed();
    }

    /// <summary>Takes a whole uploaded zip over, then unpacks and scans it in the background.</summary>
    /// <param name="zip">Moved from there on success, left there otherwise.</param>
    /// <exception cref="DatasetException">The name or the zip can't be taken: names the field and the remedy.</exception>
    /// <exception cref="UnclearNamesException">How its names are to be read can't be known; it has the ways.</exception>
    public Task<DatasetRow> AddUploadAsync(string name, string zip, CancellationToken cancellationToken = default) =>
        AddUploadAsync(name, zip, null, null, cancellationToken);

    /// <param name="encoding">What the zip's names are written in; null: it is asked, or guessed, and what was guessed is a
    /// finding.</param>
    /// <param name="layout">How it is to be read; null: as its structure and names say.</param>
    internal async Task<DatasetRow> AddUploadAsync(
        string name, string zip, NameEncoding? encoding, LayoutChoice? layout, CancellationToken cancellationToken)
    {
        await CheckNameAsync(name, cancellationToken);
        UploadRecord record;
        using (var contents = ZipContents.Open(zip, ZipLimits.Of(options.Value), encoding))
            record = new UploadRecord(contents.Encoding?.Name, contents.Findings);
        return await InsertAsync(name, DatasetOrigin.Upload, FolderOf, row => TakeZip(row.Id, zip, record), layout, cancellationToken);
    }

    /// <summary>Draws the demo set and registers it.</summary>
    /// <exception cref="DatasetException">It is there already.</exception>
    public Task<DatasetRow> AddDemoAsync(CancellationToken cancellationToken = default) =>
        InsertAsync(DemoName, DatasetOrigin.Demo, FolderOf, _ => { }, null, cancellationToken);

    /// <returns>The name as it will be stored.</returns>
    /// <exception cref="DatasetException">Empty, too long or taken.</exception>
    public async Task<string> CheckNameAsync(string? name, CancellationToken cancellationToken = default)
    {
        var checkedName = DatasetInput.Name(name);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        // Compared in memory: databases differ in what they take for the same letter.
        var names = await db.Datasets.Where(row => row.DeletedAt == null).Select(row => row.Name).ToListAsync(cancellationToken);
        if (names.Find(other => string.Equals(other, checkedName, StringComparison.OrdinalIgnoreCase)) is { } taken)
            throw new DatasetException("name", DatasetWords.NameIsTaken(taken));
        return checkedName;
    }

    /// <summary>Looks through the files again: picks up what is new, changed or gone. Samples keep their ids by path.</summary>
    /// <param name="layout">How the folder is to be read from now on; null: as before.</param>
    /// <returns>false when there is no such dataset.</returns>
    public async Task<bool> RescanAsync(int id, LayoutChoice? layout = null, CancellationToken cancellationToken = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (layout is not null
            && await db.Datasets.FirstOrDefaultAsync(row => row.Id == id && row.DeletedAt == null, cancellationToken) is { } known)
        {
            known.ProblemsJson = Json(layout.ToString(), Stored(known).FindAll(problem => problem.Layout is null));
            await db.SaveChangesAsync(cancellationToken);
        }
        var changed = await db.Datasets.Where(row => row.Id == id && row.DeletedAt == null).ExecuteUpdateAsync(
            set => set.SetProperty(row => row.State, DatasetState.Scanning)
                .SetProperty(row => row.Message, DatasetWords.WaitsForItsTurn), cancellationToken);
        if (changed == 0) return false;
        pending.Add(id);
        feed.Changed();
        return true;
    }

    /// <summary>What a deletion would concern; null when there is no such dataset.</summary>
    public async Task<DatasetUse?> UseAsync(int id, CancellationToken cancellationToken = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await db.Datasets.AsNoTracking()
            .FirstOrDefaultAsync(row => row.Id == id && row.DeletedAt == null, cancellationToken) is not { } row) return null;
        var users = await DatasetUsers.OfAsync(db, row.Id, options.Value, cancellationToken);
        var bytes = await db.Samples.Where(sample => sample.DatasetId == id && !sample.Gone)
            .SumAsync(sample => sample.Bytes, cancellationToken);
        return new DatasetUse(users.Open, users.Ended, bytes, row.Owned ? users.Resumable : []);
    }

    /// <summary>
    /// Hides the dataset. Files that it owns are deleted in the background, unless ended runs refer to them: then they stay, so that
    /// those runs go on showing their images and can be resumed. Files of a registered folder are never touched.
    /// </summary>
    /// <param name="withFiles">Deletes the files that it owns even so.</param>
    /// <param name="force">Even if stopped or failed runs could go on with them.</param>
    /// <returns>false when there is no such dataset.</returns>
    /// <exception cref="DatasetException">Runs go on with it, or could; the message names them and says what to do.</exception>
    public async Task<bool> DeleteAsync(int id, bool withFiles = false, bool force = false, CancellationToken cancellationToken = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await using (var transaction = await db.Database.BeginTransactionAsync(cancellationToken))
        {
            if (await db.Datasets.FirstOrDefaultAsync(row => row.Id == id && row.DeletedAt == null, cancellationToken) is not { } row)
                return false;
            var users = await DatasetUsers.OfAsync(db, row.Id, options.Value, cancellationToken);
            if (users.Refusal(row.Name, filesGo: withFiles && row.Owned && !force) is { } refusal)
                throw new DatasetException("dataset", refusal);
            row.DeletedAt = time.GetUtcNow();
            row.Name = DatasetWords.NameWhenDeleted(row.Name, row.Id);
            if (withFiles && row.Owned) row.Root = "";
            await db.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }
        pending.Cancel(id);
        pending.Add(id);
        feed.Changed();
        return true;
    }

    /// <summary>
    /// Where the images of a run lie now: since it was submitted its dataset may have been deleted or closed, or the data root moved.
    /// </summary>
    /// <param name="name">What the run calls its dataset: a deleted one has lost its name.</param>
    /// <returns>Root: null where the run's own word counts. Problem: why there are no images for it, in words; null: there are.</returns>
    internal async Task<(
        string? Root, FolderFence Fence, string? Problem)> ImagesAsync(int id, string name, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await db.Datasets.AsNoTracking().FirstOrDefaultAsync(row => row.Id == id, cancellationToken) is not { } row)
            return (null, FolderFence.None, null);
        var isGone = row.Owned && row.Root.Length == 0;
        return (row.Owned && !isGone ? row.Root : null, folders.FenceOf(row),
            isGone ? DatasetWords.ImagesWereDeleted(name) : folders.Closed(row));
    }

    /// <summary>Where the files of a dataset lie that the dashboard owns.</summary>
    internal string FolderOf(int id) => Path.Combine(options.Value.DatasetsFolder, FormattableString.Invariant($"{id}"));

    /// <summary>An uploaded zip that waits to be unpacked.</summary>
    internal string ZipOf(int id) => FolderOf(id) + ".zip";

    private void TakeZip(int id, string zip, UploadRecord record)
    {
        record.Save(FolderOf(id));
        try
        {
            // Over one that a dataset left whose row was never stored.
            File.Move(zip, ZipOf(id), overwrite: true);
        }
        catch
        {
            File.Delete(UploadRecord.PathOf(FolderOf(id)));
            throw;
        }
    }

    private async Task<DatasetRow> InsertAsync(
        string name, DatasetOrigin origin, Func<int, string> root, Action<DatasetRow> takeFiles, LayoutChoice? layout,
        CancellationToken cancellationToken,
        bool isFenced = false)
    {
        var row = new DatasetRow
        {
            Name = await CheckNameAsync(name, cancellationToken), Root = "", Origin = origin, IsFenced = isFenced,
                State = DatasetState.Scanning, Message = DatasetWords.WaitsForItsTurn,
            CreatedAt = time.GetUtcNow(), ProblemsJson = Json(layout?.ToString() ?? "", []),
        };
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await using (var transaction = await db.Database.BeginTransactionAsync(cancellationToken))
        {
            db.Datasets.Add(row);
            try
            {
                await db.SaveChangesAsync(cancellationToken);
            }
            catch (DbUpdateException)
            {
                // Somebody took the name since it was checked; if not, it is a failure of the database.
                await CheckNameAsync(name, cancellationToken);
                throw;
            }
            row.Root = root(row.Id);
            await db.SaveChangesAsync(cancellationToken);
            takeFiles(row);
            await transaction.CommitAsync(cancellationToken);
        }
        pending.Add(row.Id);
        feed.Changed();
        return row;
    }
}

/// <summary>The runs that refer to a dataset, by whether they still need its images.</summary>
/// <param name="Busy">Names of queued, preparing and training ones.</param>
/// <param name="Paused">Names of those that rest until somebody resumes them.</param>
/// <param name="Resumable">Names of stopped or failed ones that left a checkpoint.</param>
/// <param name="Ended">How many have ended, those included.</param>
internal sealed record DatasetUsers(IReadOnlyList<string> Busy, IReadOnlyList<string> Paused, IReadOnlyList<string> Resumable, int Ended)
{
    /// <summary>Names of those that haven't ended.</summary>
    public IReadOnlyList<string> Open => [.. Busy, .. Paused];

    public static async Task<DatasetUsers> OfAsync(
        DashboardDb db, int datasetId, DashboardOptions options, CancellationToken cancellationToken)
    {
        var runs = await db.Runs.AsNoTracking().Where(run => run.DatasetId == datasetId).OrderBy(run => run.Id)
            .Select(run => new { run.Id, run.Name, run.State }).ToListAsync(cancellationToken);
        return new DatasetUsers(
            [.. runs.Where(run => run.State == RunState.Queued || run.State.IsLive()).Select(run => run.Name)],
            [.. runs.Where(run => run.State == RunState.Paused).Select(run => run.Name)],
            [.. runs.Where(run => run.State is RunState.Stopped or RunState.Failed && File.Exists(options.RunFolder(run.Id).Checkpoint))
                .Select(run => run.Name)],
            runs.Count(run => run.State.IsEnded()));
    }

    /// <param name="filesGo">The images go with it, and nobody has said that they may.</param>
    /// <returns>Why the dataset stays, and what to do; null when it may go.</returns>
    public string? Refusal(string dataset, bool filesGo)
    {
        if (Busy.Count > 0) return DatasetWords.RunsGoOn(Busy, dataset);
        if (Paused.Count > 0) return DatasetWords.RunsArePaused(Paused, dataset);
        return filesGo && Resumable.Count > 0 ? DatasetWords.RunsCanBeResumed(Resumable, dataset) : null;
    }
}

/// <summary>Which runs refer to a dataset, and how much it holds.</summary>
/// <param name="LiveRuns">Names of those that go on with it or rest to be resumed: they keep it from being deleted.</param>
/// <param name="ResumableRuns">Names of stopped or failed ones that could go on from a checkpoint, but not without the files that the
/// dashboard owns.</param>
public sealed record DatasetUse(IReadOnlyList<string> LiveRuns, int EndedRuns, long Bytes, IReadOnlyList<string> ResumableRuns);

/// <summary>Input about a dataset that can't be taken; the message says what, why and what to do.</summary>
/// <param name="field">In camelCase, such as "path".</param>
public class DatasetException(string field, string message) : RefusalException(message)
{
    public override string Field { get; } = field;
}
