using Dashboard.Datasets;
using Dashboard.Datasets.Samples;
using Dashboard.Storage;
using Training.Core.Data;
using Training.Core.Runs;

namespace Dashboard.Api.Views;

/// <summary>A dataset as the API shows it.</summary>
internal sealed record DatasetView
{
    // One flat object in JSON: see InlinedAttribute.
    [Inlined] public required DatasetIdentity Identity { get; init; }
    [Inlined] public required DatasetCondition Condition { get; init; }
    [Inlined] public required DatasetContent Content { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>How somebody said that the folder is to be read; null: nobody did.</summary>
    public required string? Layout { get; init; }

    public static DatasetView Of(DatasetRow row, DatasetStore store, bool withProblems) => new()
    {
        Identity = DatasetIdentity.Of(row), Condition = DatasetCondition.Of(row, store.ProgressOf(row.Id)?.Fraction),
        Content = DatasetContent.Of(store.Outline(row), withProblems), CreatedAt = row.CreatedAt,
        Layout = DatasetStore.LayoutOf(row) is { Length: > 0 } layout ? layout : null,
    };

    /// <summary>For those who may not read the names of the files that the problems are about.</summary>
    public DatasetView WithoutNames() => this with { Content = Content with { Problems = ProblemNames.Without(Content.Problems!) } };
}

/// <summary>Which dataset it is, and where its images lie.</summary>
internal sealed record DatasetIdentity
{
    public required int Id { get; init; }
    public required string Name { get; init; }

    /// <summary>Absolute folder of the images.</summary>
    public required string Path { get; init; }
    public required DatasetOrigin Origin { get; init; }

    public static DatasetIdentity Of(DatasetRow row) => new() { Id = row.Id, Name = row.Name, Path = row.Root, Origin = row.Origin };
}

/// <summary>Whether a dataset can be used, or how far it is on the way there.</summary>
internal sealed record DatasetCondition
{
    public required DatasetState State { get; init; }

    /// <summary>Why it failed, or how far the scan is.</summary>
    public required string Message { get; init; }

    /// <summary>0–1 while it is scanned and the total is known.</summary>
    public required double? Progress { get; init; }

    public static DatasetCondition Of(DatasetRow row, double? progress) =>
        new() { State = row.State, Message = row.Message, Progress = progress };
}

/// <summary>What the last scan found.</summary>
internal sealed record DatasetContent
{
    private const double UsualValFraction = 0.2;

    public required int Samples { get; init; }
    public required IReadOnlyList<ClassView> Classes { get; init; }

    /// <summary>Where a run's validation images come from; null before the first scan.</summary>
    public required string? Validation { get; init; }
    public required int ProblemCount { get; init; }

    /// <summary>Null in lists. One with readings has to be answered: add a layout to the rescan.</summary>
    public required IReadOnlyList<DatasetProblem>? Problems { get; init; }

    public static DatasetContent Of(DatasetOutline outline, bool withProblems) => new()
    {
        Samples = outline.Total,
        Classes = [.. outline.Classes.Select((name, label) => new ClassView(
            label, name, outline.Counts[label, (int)Split.Train], outline.Counts[label, (int)Split.Val],
            outline.Counts[label, (int)Split.Test]))],
        Validation = outline.Total > 0 ? DatasetSplit.Describe(outline, UsualValFraction) : null,
        ProblemCount = outline.Problems.Count, Problems = withProblems ? outline.Problems : null,
    };
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
