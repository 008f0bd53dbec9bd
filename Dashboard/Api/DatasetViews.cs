using Dashboard.Datasets;
using Dashboard.Datasets.Samples;
using Dashboard.Storage;
using Training.Core.Data;

namespace Dashboard.Api;

/// <summary>A dataset as the API shows it.</summary>
/// <param name="Path">Absolute folder of the images.</param>
/// <param name="Message">Why it failed, or how far the scan is.</param>
/// <param name="Progress">0–1 while it is scanned and the total is known.</param>
/// <param name="Validation">Where a run's validation images come from; null before the first scan.</param>
/// <param name="Problems">Null in lists. One with readings has to be answered: add a layout to the rescan.</param>
/// <param name="Layout">How somebody said that the folder is to be read; null: nobody did.</param>
internal sealed record DatasetView(
    int Id, string Name, string Path, DatasetOrigin Origin, DatasetState State, string Message, double? Progress, int Samples,
    IReadOnlyList<ClassView> Classes, string? Validation, int ProblemCount, IReadOnlyList<DatasetProblem>? Problems,
    DateTimeOffset CreatedAt,
    string? Layout)
{
    private const double UsualValFraction = 0.2;

    public static DatasetView Of(DatasetRow row, DatasetStore store, bool withProblems)
    {
        var outline = store.Outline(row);
        ClassView[] classes = [.. outline.Classes.Select((name, label) => new ClassView(
            label, name, outline.Counts[label, (int)Split.Train], outline.Counts[label, (int)Split.Val],
            outline.Counts[label, (int)Split.Test]))];
        return new DatasetView(
            row.Id, row.Name, row.Root, row.Origin, row.State, row.Message, store.ProgressOf(row.Id)?.Fraction, outline.Total, classes,
            outline.Total > 0 ? DatasetSplit.Describe(outline, UsualValFraction) : null,
            outline.Problems.Count, withProblems ? outline.Problems : null, row.CreatedAt,
            DatasetStore.LayoutOf(row) is { Length: > 0 } layout ? layout : null);
    }
}

/// <param name="Label">Index of the class.</param>
internal sealed record ClassView(int Label, string Name, int Train, int Val, int Test);

internal sealed record SamplesView(int Total, int Page, int PageSize, IReadOnlyList<SampleView> Items);

/// <param name="Path">Relative to the dataset's folder.</param>
/// <param name="Image">Address of the image, at most 1,600 px.</param>
/// <param name="Thumbnail">Address of the image at 256 px.</param>
internal sealed record SampleView(
    int Id, string Path, int Label, Split Split, string Sha256, long Bytes, int Width, int Height, string Image, string Thumbnail)
{
    public static SampleView Of(int datasetId, Sample sample) => new(
        sample.Id, sample.Path, sample.Label, sample.Split, sample.Sha256, sample.Bytes, sample.Width, sample.Height,
        SampleImage.Full(datasetId, sample), SampleImage.Thumbnail(datasetId, sample));
}
