using System.Net;
using Dashboard.Storage;
using Training.Core.Runs;
using Training.Tests.TestKit;

namespace Training.Tests.Api;

public sealed class CurvesCsvTests
{
    [Fact]
    public async Task Csv_OfARun_HasALinePerStepAndTheEpochsOnTheirLast()
    {
        await using var app = new DashboardApp();
        var run = await new RunBuilder(app) { Images = false, Predictions = false }.BuildAsync();

        var lines = (await app.CreateClient().GetStringAsync($"/api/runs/{run.Id}/curves.csv")).Trim().Split('\n');

        Assert.Equal(1 + 40, lines.Length);
        Assert.Equal("step,trainLoss,learningRate,imagesPerSecond,epoch,epochTrainLoss,valLoss,valAccuracy,note", lines[0].TrimEnd());
        Assert.EndsWith(",,,,,", lines[1].TrimEnd(), StringComparison.Ordinal);
        Assert.Equal(["10", "1"], new[] { lines[10].Split(',')[0], lines[10].Split(',')[4] });
    }

    [Fact]
    public async Task Csv_OfARunThatBeganWithItsHead_HasEpochZeroBeforeTheFirstStep()
    {
        await using var app = new DashboardApp();
        var plan = new RunBuilder(app) { Images = false, Predictions = false, State = RunState.Training, DoneEpochs = 0 };
        var run = await plan.BuildAsync();
        await ApplyAsync(app, run.Id, plan.LastSequence,
            new EpochCompleted(0, 0, 0.4, 0.5, 0.875, 3000, 300, 1, true), new StepCompleted(1, 1, 0.6, 0.001, 50),
            new StepCompleted(1, 2, 0.5, 0.002, 60),
            new EpochCompleted(1, 2, 0.55, 0.45, 0.75, 55, 300, 1, false));

        var lines = (await app.CreateClient().GetStringAsync($"/api/runs/{run.Id}/curves.csv")).Trim().Split('\n');

        Assert.Equal(["0,,,,0,0.4,0.5,0.875,", "1,0.6,0.001,50,,,,,", "2,0.5,0.002,60,1,0.55,0.45,0.75,"],
            lines[1..].Select(line => line.TrimEnd()));
    }

    [Fact]
    public async Task Csv_OfALossThatIsNoNumber_LeavesTheCellEmptyAndSaysWhatItWas()
    {
        await using var app = new DashboardApp();
        var plan = new RunBuilder(app) { Images = false, Predictions = false, State = RunState.Training, DoneEpochs = 0 };
        var run = await plan.BuildAsync();
        await ApplyAsync(app, run.Id, plan.LastSequence, new StepCompleted(1, 1, double.PositiveInfinity, 0.001, 50),
            new StepCompleted(1, 2, double.NaN, 0.001, 50));

        var lines = (await app.CreateClient().GetStringAsync($"/api/runs/{run.Id}/curves.csv")).Trim().Split('\n');

        Assert.Equal(["1,,0.001,50,,,,,trainLoss is Infinity", "2,,0.001,50,,,,,trainLoss is NaN"],
            lines[1..].Select(line => line.TrimEnd()));
    }

    private static Task<long> ApplyAsync(DashboardApp app, int run, long last, params RunEvent[] events) =>
        app.Runs.ApplyAsync(run, 1,
            [.. events.Select((seen, index) => new JournalEntry(last + 1 + index, DateTimeOffset.UnixEpoch, seen))]);

    [Fact]
    public async Task Csv_OfAnUnknownRun_IsNotFound()
    {
        await using var app = new DashboardApp();

        var answer = await app.CreateClient().GetAsync(new Uri("/api/runs/12/curves.csv", UriKind.Relative));

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }
}
