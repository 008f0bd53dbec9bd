using System.Globalization;
using Dashboard.Runs;
using Training.Core.Metrics;

namespace Dashboard.Charts;

/// <summary>Every point of a run's curves as a table: one line per step, with the epoch's values on its last step.</summary>
public static class CurvesCsv
{
    public static void MapCurvesCsv(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/runs/{id:int}/curves.csv", GetAsync).WithTags("runs")
            .WithSummary("Every point of the curves: one line per step, with the epoch's values on its last step.");

    private static async Task<IResult> GetAsync(int id, RunStore store, CancellationToken stop)
    {
        if (await store.GetAsync(id, stop) is null)
            return TypedResults.Problem($"There is no run {id}.", statusCode: StatusCodes.Status404NotFound);
        var all = new List<IReadOnlyList<CurvePoint>>();
        foreach (var series in new[] { RunSeries.TrainLoss, RunSeries.LearningRate, RunSeries.ImagesPerSecond })
            all.Add((await store.CurveAsync(id, series, maxBuckets: int.MaxValue, stop: stop)).Points);
        var epochs = await store.EpochsAsync(id, stop);
        return TypedResults.Stream(
            stream => WriteAsync(stream, all, epochs, stop), "text/csv; charset=utf-8", $"run-{id}-curves.csv");
    }

    private static async Task WriteAsync(
        Stream stream, List<IReadOnlyList<CurvePoint>> steps, IReadOnlyList<Storage.EpochRow> epochs, CancellationToken stop)
    {
        await using var writer = new StreamWriter(stream);
        await writer.WriteLineAsync("step,trainLoss,learningRate,imagesPerSecond,epoch,epochTrainLoss,valLoss,valAccuracy".AsMemory(), stop);
        var ends = epochs.ToDictionary(epoch => epoch.Step);
        // A step may be stored between the reads of two series: as many as all of them have.
        for (var i = 0; i < steps.Min(points => points.Count); i++)
        {
            var step = (int)steps[0][i].X;
            var line = string.Join(',', steps.Select(points => Text(points[i].Y)).Prepend(Text(step)));
            line += ends.TryGetValue(step, out var end)
                ? $",{Text(end.Epoch)},{Text(end.TrainLoss)},{Text(end.ValLoss)},{Text(end.ValAccuracy)}"
                : ",,,,";
            await writer.WriteLineAsync(line.AsMemory(), stop);
        }
    }

    private static string Text(double? value) => (value ?? double.NaN).ToString("R", CultureInfo.InvariantCulture);
}
