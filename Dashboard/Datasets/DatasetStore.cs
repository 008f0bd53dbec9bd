using System.Globalization;
using System.Text.Json;
using Dashboard.Datasets.Imports;
using Dashboard.Datasets.Words;
using Dashboard.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Training.Core.Data;
using Training.Core.Runs;

namespace Dashboard.Datasets;

/// <summary>Datasets and their samples: the one truth, for pages, API and runs. Files are worked on by <see cref="DatasetWork"/>.</summary>
public sealed partial class DatasetStore(
    IDbContextFactory<DashboardDb> databases, IOptions<DashboardOptions> options, AllowedFolders folders, DatasetFeed feed,
    PendingDatasets pending, TimeProvider time)
{
    /// <summary>Newest first.</summary>
    public async Task<IReadOnlyList<DatasetRow>> ListAsync(CancellationToken cancellationToken = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var rows = await db.Datasets.AsNoTracking().Where(row => row.DeletedAt == null).OrderByDescending(row => row.Id)
            .ToListAsync(cancellationToken);
        rows.ForEach(ShowProgress);
        return rows;
    }

    /// <summary>Null when there is none, or when it was deleted.</summary>
    public async Task<DatasetRow?> GetAsync(int id, CancellationToken cancellationToken = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var row = await db.Datasets.AsNoTracking().FirstOrDefaultAsync(row => row.Id == id && row.DeletedAt == null, cancellationToken);
        if (row is not null) ShowProgress(row);
        return row;
    }

    /// <summary>By id ("3") or by name.</summary>
    public async Task<DatasetRow?> FindAsync(string idOrName, CancellationToken cancellationToken = default)
    {
        var wanted = (idOrName ?? "").Trim();
        if (int.TryParse(wanted, NumberStyles.None, CultureInfo.InvariantCulture, out var id)) return await GetAsync(id, cancellationToken);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var row = await db.Datasets.AsNoTracking()
            .FirstOrDefaultAsync(row => row.Name == wanted && row.DeletedAt == null, cancellationToken);
        if (row is not null) ShowProgress(row);
        return row;
    }

    public DatasetOutline Outline(DatasetRow dataset)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        var stored = Read<int[][]>(dataset.CountsJson) ?? [];
        var problems = Stored(dataset).FindAll(problem => problem.Layout is null);
        var counts = new int[dataset.Classes.Count, 3];
        for (var label = 0; label < Math.Min(stored.Length, dataset.Classes.Count); label++)
            for (var split = 0; split < Math.Min(3, stored[label]?.Length ?? 0); split++) counts[label, split] = stored[label]![split];
        return new DatasetOutline(dataset.Name, dataset.Classes, counts, problems);
    }

    /// <summary>Null when another version wrote it in another way: one dataset that says little must not hide the others.</summary>
    private static T? Read<T>(string json) where T : class
    {
        try
        {
            return JsonSerializer.Deserialize<T>(json, CoreJson.Options);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>How far the work on the dataset's files is; null when there is none under way.</summary>
    public DatasetProgress? ProgressOf(int id) => feed.ProgressOf(id);

    /// <summary>Samples in path order; a deleted dataset has none, nor has one that the last scan didn't find.</summary>
    public async Task<IReadOnlyList<Sample>> SamplesAsync(
        int datasetId, int? label = null, Split? split = null, int skip = 0, int take = int.MaxValue,
        CancellationToken cancellationToken = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var rows = await Matching(db, datasetId, label, split).OrderBy(row => row.Path).Skip(skip).Take(take)
            .ToListAsync(cancellationToken);
        return rows.ConvertAll(row => row.ToSample());
    }

    /// <summary>
    /// How many samples <see cref="SamplesAsync(int, int?, Split?, int, int, CancellationToken)"/> has without skip and take.
    /// </summary>
    public async Task<int> CountAsync(int datasetId, int? label = null, Split? split = null, CancellationToken cancellationToken = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await Matching(db, datasetId, label, split).CountAsync(cancellationToken);
    }

    /// <summary>The sample's place among those that match, from 0; null when it isn't one of them.</summary>
    public async Task<int?> PlaceAsync(
        int datasetId, int sampleId, int? label = null, Split? split = null, CancellationToken cancellationToken = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var rows = Matching(db, datasetId, label, split);
        if (await rows.Where(row => row.SampleId == sampleId).Select(row => row.Path)
            .FirstOrDefaultAsync(cancellationToken) is not { } path) return null;
#pragma warning disable CA1309 // The database compares, by the same order that it sorts by.
        return await rows.CountAsync(row => string.Compare(row.Path, path) < 0, cancellationToken);
#pragma warning restore CA1309
    }

    /// <summary>A few samples of the first classes, as many of each, for a strip of thumbnails.</summary>
    public async Task<IReadOnlyList<Sample>> StripAsync(DatasetRow dataset, int length, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        var classes = Math.Min(dataset.Classes.Count, length);
        var samples = new List<Sample>();
        for (var label = 0; label < classes; label++)
            samples.AddRange(await SamplesAsync(dataset.Id, label, take: length / classes, cancellationToken: cancellationToken));
        return samples;
    }

    /// <summary>The given samples by id, also those whose file is gone or whose dataset was deleted: finished runs refer to them.</summary>
    public async Task<IReadOnlyDictionary<int, Sample>> SamplesAsync(
        int datasetId, IReadOnlyCollection<int> sampleIds, CancellationToken cancellationToken = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var rows = await db.Samples.AsNoTracking()
            .Where(row => row.DatasetId == datasetId && sampleIds.Contains(row.SampleId)).ToListAsync(cancellationToken);
        return rows.ToDictionary(row => row.SampleId, row => row.ToSample());
    }

    /// <summary>Also one whose file is gone or whose dataset was deleted: finished runs refer to it.</summary>
    public async Task<Sample?> SampleAsync(int datasetId, int sampleId, CancellationToken cancellationToken = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return (await db.Samples.AsNoTracking()
            .FirstOrDefaultAsync(row => row.DatasetId == datasetId && row.SampleId == sampleId, cancellationToken))?.ToSample();
    }

    /// <summary>Where a sample's file should lie, also of a deleted dataset; null when there is no such sample.</summary>
    public async Task<SampleFile?> FileAsync(int datasetId, int sampleId, CancellationToken cancellationToken = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var found = await db.Samples.AsNoTracking()
            .Where(row => row.DatasetId == datasetId && row.SampleId == sampleId)
            .Join(db.Datasets, row => row.DatasetId, dataset => dataset.Id, (row, dataset) => new { dataset, row.Path, row.Sha256 })
            .FirstOrDefaultAsync(cancellationToken);
        if (found is null) return null;
        var (path, fence) = (Inside(found.dataset.Root, found.Path), folders.FenceOf(found.dataset));
        return new SampleFile(path, found.Sha256, fence, IsClosed: path is not null && !fence.LetsThrough(path));
    }

    /// <summary>What a run with this share and seed trains and validates on.</summary>
    /// <exception cref="DatasetException">There is no such dataset, or it isn't ready.</exception>
    public async Task<DatasetManifest> ManifestAsync(
        int datasetId, double valFraction, int seed, CancellationToken cancellationToken = default)
    {
        var row = await GetAsync(datasetId, cancellationToken)
            ?? throw new DatasetException("dataset", DatasetWords.IsGone(datasetId));
        if (row.State != DatasetState.Ready)
            throw new DatasetException("dataset", row.State == DatasetState.Scanning
                ? DatasetWords.IsLookedThrough(row.Name, row.Message) : DatasetWords.CantBeUsed(row.Name, row.Message));
        if (folders.Closed(row) is { } closed) throw new DatasetException("dataset", closed);
        var samples = (await SamplesAsync(datasetId, cancellationToken: cancellationToken))
            .OrderBy(sample => sample.Path, StringComparer.Ordinal).ToList();
        return new DatasetManifest(row.Name, row.Root, row.Classes, DatasetSplit.ForRun(samples, row.Classes.Count, valFraction, seed))
        {
            Within = folders.FenceOf(row).Folders,
        };
    }

    /// <summary>Why no run can start on a dataset although it is ready, in words; null: one can.</summary>
    public string? Closed(DatasetRow row) => folders.Closed(row);

    /// <summary>
    /// Raised after any dataset changed, also while work on its files moves on; throttled as <see cref="Runs.RunFeed"/> is.
    /// </summary>
    public IDisposable Subscribe(Func<Task> changed) => feed.Subscribe(changed);

    private static IQueryable<SampleRow> Matching(DashboardDb db, int datasetId, int? label, Split? split)
    {
        var rows = db.Samples.AsNoTracking().Where(row => row.DatasetId == datasetId && !row.Gone);
        if (label is not null) rows = rows.Where(row => row.Label == label);
        if (split is not null) rows = rows.Where(row => row.Split == split);
        return rows;
    }

    /// <summary>How far a scan is lives in memory only: writing it down would cost a transaction every few files.</summary>
    private void ShowProgress(DatasetRow row)
    {
        if (row.State == DatasetState.Scanning && feed.ProgressOf(row.Id) is { } progress) row.Message = progress.Words;
    }

    /// <summary>Null when the stored path leads out of the dataset's folder, or the dataset has none any more.</summary>
    private static string? Inside(string root, string path)
    {
        if (root.Length == 0) return null;
        var full = Path.GetFullPath(Path.Combine(root, path));
        return DatasetInput.Within(full, Path.GetFullPath(root)) ? full : null;
    }
}

/// <param name="FullPath">Absolute; null when it can't be served.</param>
/// <param name="Sha256">Of the file's bytes when it was scanned.</param>
/// <param name="Fence">Where the file has to lie when it is opened.</param>
/// <param name="IsClosed">It lies elsewhere now.</param>
public sealed record SampleFile(string? FullPath, string Sha256, FolderFence Fence, bool IsClosed);
