using System.Globalization;
using Dashboard.Datasets;
using Dashboard.Datasets.Samples;
using Dashboard.Runs;
using Dashboard.Runs.Predictions;
using Dashboard.Storage;
using Microsoft.AspNetCore.Http.HttpResults;
using Training.Core.Data;
using Training.Core.Metrics;
using Training.Core.Metrics.Predictions;

namespace Dashboard.Api;

/// <summary>The review of a run for scripts: the confusion matrix and every prediction of an evaluated epoch.</summary>
internal static class PredictionsApi
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var run = routes.MapGroup("/api/runs/{id:int}").WithTags("Review");
        run.MapGet("/confusion", ConfusionAsync).WithName("GetConfusion")
            .WithSummary("Counts by truth (rows) and prediction (columns) of an evaluated epoch; without epoch: the best, else the "
                + "newest.");
        run.MapGet("/predictions", PredictionsAsync).WithName("GetPredictions")
            .WithSummary("Predictions of an evaluated epoch, filtered, ordered and in pages; without epoch: the best, else the newest.");
    }

    private static async Task<Results<Ok<ConfusionAnswer>, ValidationProblem, ProblemHttpResult>> ConfusionAsync(
        int id, string? epoch, RunStore runs, PredictionStore store, CancellationToken cancellationToken)
    {
        if (await runs.GetAsync(id, cancellationToken) is not { } run) return NoRun(id);
        var request = new PredictionRequest();
        var wanted = request.Epoch(epoch);
        if (request.Errors.Count > 0) return TypedResults.ValidationProblem(request.Errors);

        var (shown, problem) = await FindAsync(run, wanted, runs, store, cancellationToken);
        if (problem is not null) return problem;
        var matrix = shown!.Matrix;
        var counts = Enumerable.Range(0, matrix.Classes)
            .Select(truth => Enumerable.Range(0, matrix.Classes).Select(predicted => matrix[truth, predicted]).ToArray()).ToArray();
        var report = ClassReport.Of(matrix);
        return TypedResults.Ok(new ConfusionAnswer(
            id, shown.Epoch, run.Classes, counts, matrix.Total, matrix.Correct, report.Accuracy, report.Interval,
            [.. report.Classes.Select((score, label) => ClassAnswer.Of(run.ClassName(label), score))]));
    }

    private static async Task<Results<Ok<PredictionsAnswer>, ValidationProblem, ProblemHttpResult>> PredictionsAsync(
        int id, [AsParameters] PredictionParameters values, RunStore runs, PredictionStore store, DatasetStore datasets,
        RunSamples contents, CancellationToken cancellationToken)
    {
        if (await runs.GetAsync(id, cancellationToken) is not { } run) return NoRun(id);
        var request = new PredictionRequest();
        var (epoch, query) = (request.Epoch(values.Epoch), request.Query(values, run.Classes.Count));
        var (page, size) = (request.Page(values.Page), request.PageSize(values.PageSize));
        if (request.Errors.Count > 0) return TypedResults.ValidationProblem(request.Errors);

        var (shown, problem) = await FindAsync(run, epoch, runs, store, cancellationToken);
        if (problem is not null) return problem;
        var matching = query.Apply(shown!.Predictions);
        var onPage = matching.Skip((int)Math.Min((page - 1L) * size, matching.Count)).Take(size).ToList();
        var ids = onPage.Select(p => p.SampleId).ToList();
        var samples = await datasets.SamplesAsync(run.DatasetId, ids, cancellationToken);
        var moved = await datasets.MovedAsync(
            run.DatasetId, ids, await contents.ContentsOfAsync(id, cancellationToken), cancellationToken);
        return TypedResults.Ok(new PredictionsAnswer(
            id, shown.Epoch, matching.Count, page, size,
            onPage.Select(p => PredictionItem.Of(
                p, run, samples.GetValueOrDefault(p.SampleId), moved.GetValueOrDefault(p.SampleId)?[0])).ToList()));
    }

    private static async Task<(EpochPredictions? Shown, ProblemHttpResult? Problem)> FindAsync(
        RunRow run, int? wanted, RunStore runs, PredictionStore store, CancellationToken cancellationToken)
    {
        var epoch = wanted ?? run.BestEpoch
            ?? (await runs.EpochsAsync(run.Id, cancellationToken) is [.., var newest] ? newest.Epoch : null);
        if (epoch is null)
            return (null, NotFound(Text($"Run {run.Id} has no predictions yet: the first come with the end of its first epoch.")));
        try
        {
            return await store.GetAsync(run, epoch.Value, cancellationToken) is { } shown
                ? (shown, null)
                : (null, NotFound(Text($"Run {run.Id} has no predictions of epoch {epoch}. Leave epoch out for the best one.")));
        }
        catch (InvalidDataException e)
        {
            return (null, TypedResults.Problem(
                Text($"{e.Message} Ask for another epoch, or train again."), statusCode: 500, title: "Predictions can't be read"));
        }
    }

    private static ProblemHttpResult NoRun(int id) => NotFound(Text($"There is no run {id}. GET /api/runs lists them."));

    private static ProblemHttpResult NotFound(string detail) =>
        TypedResults.Problem(detail, statusCode: StatusCodes.Status404NotFound, title: "Not found");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

/// <param name="Counts">Rows: truth; columns: prediction; both in the order of <paramref name="Classes"/>.</param>
/// <param name="Total">Validation images.</param>
/// <param name="Accuracy">0–1; null without an image.</param>
/// <param name="AccuracyInterval">95 % interval by Wilson; null without an image.</param>
/// <param name="Report">In the order of <paramref name="Counts"/>.</param>
public sealed record ConfusionAnswer(
    int RunId, int Epoch, IReadOnlyList<string> Classes, IReadOnlyList<int[]> Counts, int Total, int Correct,
    double? Accuracy, WilsonInterval? AccuracyInterval, IReadOnlyList<ClassAnswer> Report);

/// <summary>How well a class was recognised. A class without images was not measured: it has no recall and no F1.</summary>
/// <param name="Precision">0–1; null when nothing was seen as the class.</param>
/// <param name="Recall">0–1: the accuracy on the class's images.</param>
/// <param name="Support">Images of the class.</param>
public sealed record ClassAnswer(
    string Name, double? Precision, WilsonInterval? PrecisionInterval, double? Recall, WilsonInterval? RecallInterval, double? F1,
    int Support)
{
    internal static ClassAnswer Of(string name, ClassScore score) => new(
        name, score.PrecisionInterval is null ? null : score.Precision, score.PrecisionInterval,
        score.IsMeasured ? score.Recall : null, score.RecallInterval, score.IsMeasured ? score.F1 : null, score.Support);
}

/// <param name="Total">Matching predictions over all pages.</param>
/// <param name="Page">From 1.</param>
public sealed record PredictionsAnswer(
    int RunId, int Epoch, int Total, int Page, int PageSize, IReadOnlyList<PredictionItem> Items);

/// <param name="Path">Relative to the dataset's folder; null when the sample is no longer in the dataset.</param>
/// <param name="TopProbabilities">0–1, of <paramref name="TopClasses"/>.</param>
/// <param name="Loss">Cross-entropy.</param>
/// <param name="Image">Address of the image, at most 1,600 px.</param>
/// <param name="Thumbnail">Address of the image at 256 px.</param>
/// <param name="MovedTo">
/// The sample of the dataset that holds the same bytes now, where the last scan didn't find them under <paramref name="Path"/>; else null.
/// </param>
public sealed record PredictionItem(
    int SampleId, string? Path, int Truth, int Predicted, bool Wrong, float Confidence,
    IReadOnlyList<int> TopClasses, IReadOnlyList<float> TopProbabilities, float Loss, string Image, string Thumbnail,
    MovedSample? MovedTo)
{
    internal static PredictionItem Of(Prediction p, RunRow run, Sample? sample, MovedSample? movedTo) => new(
        p.SampleId, sample?.Path, p.Truth, p.Predicted, !p.IsRight, p.Confidence, p.TopClasses, p.TopProbabilities, p.Loss,
        SampleImage.FullOf(run.Id, run.DatasetId, p.SampleId), SampleImage.ThumbnailOf(run.Id, run.DatasetId, p.SampleId),
        movedTo);
}
