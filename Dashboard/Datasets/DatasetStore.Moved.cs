using Microsoft.EntityFrameworkCore;

namespace Dashboard.Datasets;

/// <summary>Pictures that lie elsewhere in their dataset now: moved into the folder of another class, or renamed.</summary>
public sealed partial class DatasetStore
{
    /// <summary>The file in which the last scan found a content under another path than the sample's; null: in none.</summary>
    /// <param name="sha256">Of the content, lower-case hex; of none nothing is found.</param>
    public async Task<SampleFile?> FileElsewhereAsync(
        int datasetId, int sampleId, string sha256, CancellationToken cancellationToken = default)
    {
        if (string.IsNullOrEmpty(sha256)) return null;
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var other = await Matching(db, datasetId, label: null, split: null)
            .Where(row => row.Sha256 == sha256 && row.SampleId != sampleId)
            .OrderByDescending(row => row.SampleId).Select(row => (int?)row.SampleId).FirstOrDefaultAsync(cancellationToken);
        return other is { } id ? await FileAsync(datasetId, id, cancellationToken) : null;
    }

    /// <summary>
    /// Those of the samples whose own file doesn't hold their picture any more, by the last scan, with the samples that hold it now,
    /// newest first: what a move made is newer than a copy that was there before.
    /// </summary>
    /// <param name="contents">
    /// SHA-256 of the picture that is meant, by sample id; of a sample that it lacks, what the file held when it was last found.
    /// </param>
    public async Task<IReadOnlyDictionary<int, IReadOnlyList<MovedSample>>> MovedAsync(
        int datasetId, IReadOnlyCollection<int> sampleIds, IReadOnlyDictionary<int, string> contents,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(contents);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var known = await db.Samples.AsNoTracking().Where(row => row.DatasetId == datasetId && sampleIds.Contains(row.SampleId))
            .Select(row => new { row.SampleId, row.Sha256, row.Gone }).ToListAsync(cancellationToken);
        var missing = known.Select(row => (row.SampleId, Holds: row.Gone ? "" : row.Sha256,
                Meant: contents.GetValueOrDefault(row.SampleId) is { Length: > 0 } seen ? seen : row.Sha256))
            .Where(sample => sample.Meant.Length > 0 && sample.Meant != sample.Holds)
            .ToDictionary(sample => sample.SampleId, sample => sample.Meant);
        if (missing.Count == 0) return new Dictionary<int, IReadOnlyList<MovedSample>>();

        var wanted = missing.Values.Distinct().ToList();
        // No index on the content: only who looks at such a sample pays for a walk through the dataset's rows.
        var found = await Matching(db, datasetId, label: null, split: null).Where(row => wanted.Contains(row.Sha256))
            .Join(db.Datasets.Where(dataset => dataset.Root != ""), row => row.DatasetId, dataset => dataset.Id,
                (row, dataset) => new { row.SampleId, row.Path, row.Label, row.Sha256, dataset.Classes })
            .ToListAsync(cancellationToken);
        var places = found.OrderByDescending(row => row.SampleId).ToLookup(row => row.Sha256, row => new MovedSample(
            row.SampleId, row.Path, row.Label, row.Label < row.Classes.Count ? row.Classes[row.Label] : ""), StringComparer.Ordinal);
        return missing.Where(sample => places.Contains(sample.Value))
            .ToDictionary(sample => sample.Key, sample => (IReadOnlyList<MovedSample>)[.. places[sample.Value]]);
    }
}

/// <summary>A sample that holds a picture which another sample held before.</summary>
/// <param name="Path">Relative to the dataset's folder.</param>
/// <param name="Label">Among the dataset's classes of now.</param>
/// <param name="ClassName">Of <paramref name="Label"/>.</param>
public sealed record MovedSample(int SampleId, string Path, int Label, string ClassName);
