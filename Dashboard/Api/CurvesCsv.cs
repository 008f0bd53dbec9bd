using System.Globalization;
using Dashboard.Runs;
using Training.Core.Metrics;

namespace Dashboard.Api;

/// <summary>
/// Every point of a run's curves as a table: one line per step, with the epoch's values on its last step; epoch 0, the head alone, at step
/// 0.
/// </summary>
public static class CurvesCsv
{
    private static readonly string[] StepColumns = ["trainLoss", "learningRate", "imagesPerSecond"];

    private static readonly string[] EpochColumns = ["epoch", "epochTrainLoss", "valLoss", "valAccuracy"];

    private static readonly double?[] NoStep = [null, null, null];

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/runs/{id:int}/curves.csv", GetAsync).WithTags("runs")
            .WithSummary("Every point of the curves: one line per step, with the epoch's values on its last step.");

    private static async Task<IResult> GetAsync(int id, RunStore store, CancellationToken cancellationToken)
    {
        if (await store.GetAsync(id, cancellationToken) is null)
            return TypedResults.Problem($"There is no run {id}.", statusCode: StatusCodes.Status404NotFound);
        var all = new List<IReadOnlyList<CurvePoint>>();
        foreach (var series in new[] { RunSeries.TrainLoss, RunSeries.LearningRate, RunSeries.ImagesPerSecond })
            all.Add((await store.CurveAsync(id, series, maxBuckets: int.MaxValue, cancellationToken: cancellationToken)).Points);
        var epochs = await store.EpochsAsync(id, cancellationToken);
        return TypedResults.Stream(
            stream => WriteAsync(stream, all, epochs, cancellationToken), "text/csv; charset=utf-8", $"run-{id}-curves.csv");
    }

    private static async Task WriteAsync(
        Stream stream, List<IReadOnlyList<CurvePoint>> steps, IReadOnlyList<Storage.EpochRow> epochs, CancellationToken cancellationToken)
    {
        await using var writer = new StreamWriter(stream);
        await writer.WriteLineAsync(string.Join(',', ["step", .. StepColumns, .. EpochColumns, "note"]).AsMemory(), cancellationToken);
        foreach (var line in Lines(steps, epochs)) await writer.WriteLineAsync(line.AsMemory(), cancellationToken);
    }

    /// <summary>In the order of the steps. Epoch 0 ends before the first step, so it has a line of its own.</summary>
    private static IEnumerable<string> Lines(List<IReadOnlyList<CurvePoint>> steps, IReadOnlyList<Storage.EpochRow> epochs)
    {
        var next = 0;
        // A step may be stored between the reads of two series: as many as all of them have.
        for (var i = 0; i < steps.Min(points => points.Count); i++)
        {
            var step = (int)steps[0][i].X;
            for (; next < epochs.Count && epochs[next].Step < step; next++) yield return Line(epochs[next].Step, NoStep, epochs[next]);
            var end = next < epochs.Count && epochs[next].Step == step ? epochs[next++] : null;
            yield return Line(step, [.. steps.Select(points => (double?)points[i].Y)], end);
        }
        for (; next < epochs.Count; next++) yield return Line(epochs[next].Step, NoStep, epochs[next]);
    }

    /// <param name="values">In the order of <see cref="StepColumns"/>; null: there was no such step.</param>
    private static string Line(int step, double?[] values, Storage.EpochRow? end)
    {
        // The database keeps a loss that was no number as null.
        double?[] ofEpoch = end is null ? [null, null, null, null]
            : [end.Epoch, end.TrainLoss ?? double.NaN, end.ValLoss ?? double.NaN, end.ValAccuracy];
        var cells = StepColumns.Concat(EpochColumns).Zip(values.Concat(ofEpoch), (name, value) => (Name: name, Value: value)).ToList();
        var notes = cells.Where(cell => cell.Value is { } value && !double.IsFinite(value))
            .Select(cell => $"{cell.Name} is {cell.Value!.Value.ToString(CultureInfo.InvariantCulture)}");
        return string.Join(',', [Text(step), .. cells.Select(cell => Text(cell.Value)), string.Join("; ", notes)]);
    }

    /// <summary>Empty for what is no number: the note says what it was.</summary>
    private static string Text(double? value) =>
        value is { } number && double.IsFinite(number) ? number.ToString("R", CultureInfo.InvariantCulture) : "";
}
