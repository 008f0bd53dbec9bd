using System.Text.Json;
using Dashboard.Datasets.Words;
using Dashboard.Storage;
using Microsoft.EntityFrameworkCore;
using Training.Core.Data;
using Training.Core.Runs;

namespace Dashboard.Datasets;

/// <summary>What the work on files writes down.</summary>
public sealed partial class DatasetStore
{
    /// <summary>More problems than this are counted, not listed: a page with more helps nobody.</summary>
    internal const int MaxProblems = 10_000;

    /// <summary>Rows for one insert; larger ones gain nothing.</summary>
    private const int InsertBatch = 5_000;

    internal async Task<DatasetRow?> GetWithDeletedAsync(int id, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.Datasets.AsNoTracking().FirstOrDefaultAsync(row => row.Id == id, cancellationToken);
    }

    /// <summary>Where a scan may read.</summary>
    /// <exception cref="DatasetException">Nowhere: the folder is not open to whoever added it.</exception>
    internal FolderFence OpenFence(DatasetRow row) =>
        folders.Closed(row) is { } closed ? throw new DatasetException("path", closed) : folders.FenceOf(row);

    /// <summary>The samples become what the scan found, in one transaction; ids stay by path.</summary>
    internal async Task SaveScanAsync(int id, DatasetScan scan, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (await db.Datasets.FirstOrDefaultAsync(row => row.Id == id && row.DeletedAt == null, cancellationToken) is not { } row) return;
        if (scan.Question is { } question)
        {
            // What an earlier scan found stays: ended runs refer to it, and an answer may change nothing.
            (row.State, row.Message, row.ProblemsJson) = (DatasetState.Failed, Words(question), Json(LayoutOf(row), scan.Problems));
            await db.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            return;
        }
        var (changed, added) = await CompareAsync(db, id, scan, cancellationToken);
        row.Classes = [.. scan.Classes];
        row.CountsJson = JsonSerializer.Serialize(Jagged(scan.Outline(row.Name).Counts), CoreJson.Options);
        row.ProblemsJson = Json(LayoutOf(row), scan.Problems);
        (row.State, row.Message) = scan.Samples.Count > 0 ? (DatasetState.Ready, "") : (DatasetState.Failed, NoSamples(scan));
        db.Samples.UpdateRange(changed);
        await db.SaveChangesAsync(cancellationToken);
        await InsertAsync(db, added, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    internal async Task FailAsync(int id, string message, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await db.Datasets.Where(row => row.Id == id && row.DeletedAt == null).ExecuteUpdateAsync(
            set => set.SetProperty(row => row.State, DatasetState.Failed).SetProperty(row => row.Message, message), cancellationToken);
    }

    /// <summary>Whether a run, ended or not, refers to the dataset.</summary>
    internal async Task<bool> HasRunsAsync(int id, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.Runs.AnyAsync(run => run.DatasetId == id, cancellationToken);
    }

    internal async Task ForgetSamplesAsync(int id, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await db.Samples.Where(row => row.DatasetId == id).ExecuteDeleteAsync(cancellationToken);
    }

    /// <summary>At the start: whether the demo set was ever made, and the datasets whose files may need work.</summary>
    internal async Task<(
        bool DemoKnown, IReadOnlyList<int> UnfinishedDemos,
        IReadOnlyList<int> Unfinished)> StartUpAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var owned = await db.Datasets.Where(row => row.Origin != DatasetOrigin.Folder && row.Root != "").ToListAsync(cancellationToken);
        // The data root may have been moved since.
        foreach (var row in owned) row.Root = FolderOf(row.Id);
        await db.SaveChangesAsync(cancellationToken);
        var demoKnown = await db.Datasets.AnyAsync(row => row.Origin == DatasetOrigin.Demo, cancellationToken);
        var unfinished = await db.Datasets
            .Where(row => row.State == DatasetState.Scanning || row.DeletedAt != null)
            .OrderBy(row => row.Id).Select(row => new { row.Id, IsDemo = row.Origin == DatasetOrigin.Demo && row.DeletedAt == null })
                .ToListAsync(cancellationToken);
        return (demoKnown, [.. unfinished.Where(row => row.IsDemo).Select(row => row.Id)], [.. unfinished.Select(row => row.Id)]);
    }

    /// <summary>The datasets whose files are being read, or were when a dashboard died.</summary>
    internal async Task<IReadOnlyList<int>> ScanningAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.Datasets.Where(row => row.State == DatasetState.Scanning && row.DeletedAt == null).OrderBy(row => row.Id)
            .Select(row => row.Id).ToListAsync(cancellationToken);
    }

    private static async Task<(List<SampleRow> Changed, List<SampleRow> Added)> CompareAsync(
        DashboardDb db, int id, DatasetScan scan, CancellationToken cancellationToken)
    {
        var known = await db.Samples.AsNoTracking().Where(row => row.DatasetId == id).ToDictionaryAsync(row => row.Path, cancellationToken);
        var next = known.Count == 0 ? 0 : known.Values.Max(row => row.SampleId) + 1;
        var (changed, added) = (new List<SampleRow>(), new List<SampleRow>());
        foreach (var sample in scan.Samples)
        {
            if (!known.Remove(sample.Path, out var before)) added.Add(Row(id, next++, sample));
            else if (before.Gone || before.ToSample() != sample with { Id = before.SampleId })
                changed.Add(Row(id, before.SampleId, sample));
        }
        foreach (var missing in known.Values.Where(row => !row.Gone))
        {
            missing.Gone = true;
            changed.Add(missing);
        }
        return (changed, added);
    }

    private static async Task InsertAsync(DashboardDb db, List<SampleRow> added, CancellationToken cancellationToken)
    {
        foreach (var batch in added.Chunk(InsertBatch))
        {
            db.ChangeTracker.Clear();
            db.Samples.AddRange(batch);
            await db.SaveChangesAsync(cancellationToken);
        }
    }

    private static SampleRow Row(int datasetId, int sampleId, Sample sample) => new()
    {
        DatasetId = datasetId, SampleId = sampleId, Path = sample.Path, Label = sample.Label, Split = sample.Split,
        Sha256 = sample.Sha256, Bytes = sample.Bytes, Width = sample.Width, Height = sample.Height,
    };

    private static int[][] Jagged(int[,] counts) =>
        [.. Enumerable.Range(0, counts.GetLength(0)).Select(label => new[] { counts[label, 0], counts[label, 1], counts[label, 2] })];

    /// <summary>How somebody said that the dataset's folder is to be read; empty: nobody did.</summary>
    public static string LayoutOf(DatasetRow dataset) => Stored(dataset).Find(problem => problem.Layout is not null)?.Layout ?? "";

    /// <summary>What has to be decided before the folder can be read; null: nothing.</summary>
    public static DatasetProblem? QuestionOf(DatasetOutline outline) =>
        outline.Problems.FirstOrDefault(problem => problem.Readings is not null);

    private static List<DatasetProblem> Stored(DatasetRow dataset) => Read<List<DatasetProblem>>(dataset.ProblemsJson) ?? [];

    private static string Json(string layout, IReadOnlyList<DatasetProblem> problems)
    {
        DatasetProblem[] answer = layout.Length == 0
            ? [] : [new(ProblemSeverity.Warning, null, DatasetWords.LayoutWasSaid, "") { Layout = layout }];
        return JsonSerializer.Serialize(answer.Concat(Capped(problems)), CoreJson.Options);
    }

    private static string Words(DatasetProblem question) => DatasetWords.Question(
        question.Message, question.Readings!.Select(reading => (reading.Layout.ToString(), (string?)reading.Summary)), question.Remedy);

    private static IEnumerable<DatasetProblem> Capped(IReadOnlyList<DatasetProblem> problems) => problems.Count <= MaxProblems
        ? problems
        : problems.Take(MaxProblems).Append(new DatasetProblem(
            ProblemSeverity.Warning, null, DatasetWords.MoreProblems(problems.Count - MaxProblems, MaxProblems),
            DatasetWords.MendTheseFirst));

    private static string NoSamples(DatasetScan scan) =>
        scan.Problems.FirstOrDefault(problem => problem.Severity == ProblemSeverity.Error) is { } error
            ? DatasetWords.Problem(error.Message, error.Remedy) : DatasetWords.NoImages;
}
