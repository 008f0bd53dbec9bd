using System.Net;
using Training.Tests.TestKit;

namespace Training.Tests.Charts;

public sealed class CurvesCsvTests
{
    [Fact]
    public async Task Csv_OfARun_HasALinePerStepAndTheEpochsOnTheirLast()
    {
        await using var app = new DashboardApp();
        var run = await new RunBuilder(app) { Images = false, Predictions = false }.BuildAsync();

        var lines = (await app.CreateClient().GetStringAsync($"/api/runs/{run.Id}/curves.csv")).Trim().Split('\n');

        Assert.Equal(1 + 40, lines.Length);
        Assert.EndsWith(",,,,", lines[1].TrimEnd(), StringComparison.Ordinal);
        Assert.Equal(["10", "1"], new[] { lines[10].Split(',')[0], lines[10].Split(',')[4] });
    }

    [Fact]
    public async Task Csv_OfAnUnknownRun_IsNotFound()
    {
        await using var app = new DashboardApp();

        var answer = await app.CreateClient().GetAsync(new Uri("/api/runs/12/curves.csv", UriKind.Relative));

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }
}
