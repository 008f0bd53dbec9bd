using System.Net;
using System.Text.Json;
using Dashboard.Dispatch;
using Dashboard.Storage;
using Microsoft.EntityFrameworkCore;
using Training.Core.Runs;
using Training.Tests.Protocol;
using Training.Tests.TestKit;

namespace Training.Tests.Storage;

/// <summary>
/// A database in which an earlier version stored whatever it was told: what can be shown of it is shown, and so is everything else.
/// </summary>
public sealed class ReadableRowsTests(ReadableRowsTests.OldDatabase old) : IClassFixture<ReadableRowsTests.OldDatabase>
{
    private readonly DashboardApp _app = old.App;
    private readonly RunRow _bad = old.Bad;

    [Theory]
    [InlineData("/", "a good run", "a bad run")]
    [InlineData("/machines", "a good machine")]
    [InlineData("/new")]
    [InlineData("/datasets", "cats and dogs")]
    [InlineData("/runs/BAD", "a bad run")]
    [InlineData("/runs/BAD?tab=log", "a bad run")]
    [InlineData("/runs/BAD?tab=matrix", "a bad run")]
    [InlineData("/runs/BAD?tab=images", "a bad run")]
    [InlineData("/runs/BAD?tab=classes", "a bad run")]
    [InlineData("/api/runs", "a good run", "a bad run")]
    [InlineData("/api/runs/BAD", "a bad run")]
    [InlineData("/api/runs/BAD/attempts")]
    [InlineData("/api/runs/BAD/metrics?series=trainLoss", "trainLoss")]
    [InlineData("/api/runs/BAD/curves.csv")]
    [InlineData("/api/runs/BAD/confusion?epoch=1", "\"counts\"")]
    [InlineData("/api/machines", "a good machine", "null devices", "many devices")]
    public async Task Page_OverRowsThatCantBe_ShowsTheOthersAndStaysSmall(string address, params string[] shown)
    {
        using var client = _app.CreateClient();

        using var answer = await client.GetAsync(new Uri(address.Replace("BAD", $"{_bad.Id}", StringComparison.Ordinal), UriKind.Relative));

        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.OK, text[..Math.Min(1000, text.Length)]);
        Assert.InRange(text.Length, 1, 2_000_000);
        Assert.All(shown, part => Assert.Contains(part, text, StringComparison.Ordinal));
        Assert.DoesNotContain("could not be shown", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_WithNumbersThatCantBe_IsReadAsTheNearestThatCan()
    {
        var run = (await _app.Runs.GetAsync(_bad.Id))!;

        Assert.Equal((100_000, 10_000, 100_000, 1_000_000_000), (run.Epochs, run.StepsPerEpoch, run.Epoch, run.Step));
        Assert.Equal((0, 1.0, 1.0, 0), (run.BestEpoch, run.BestValAccuracy, run.PhaseFraction, run.ValSamples));
        Assert.InRange(run.Reason.Length, 2000, 2020);
        Assert.Equal([1, 2], (await _app.Runs.EpochsAsync(_bad.Id)).Select(epoch => epoch.Epoch));
        await using var db = _app.Database();
        Assert.Equal(int.MaxValue, await db.Runs.Where(row => row.Id == _bad.Id).Select(row => row.Epoch).SingleAsync());
    }

    [Fact]
    public async Task Run_WithARecipeOfAnotherVersion_HidesNoOtherInTheList()
    {
        using var client = _app.CreateClient();

        var list = await client.GetStringAsync(new Uri("/api/runs", UriKind.Relative));
        var page = await client.GetStringAsync(new Uri("/", UriKind.Relative));

        Assert.Contains("a good run", list, StringComparison.Ordinal);
        Assert.DoesNotContain("an odd run", list, StringComparison.Ordinal);
        Assert.Contains("an odd run", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Machine_WhoseReportCantBe_HasNone()
    {
        var machines = await _app.Get<MachineService>().ListAsync();

        Assert.Equal(["a good machine"], machines.Where(machine => machine.Report is not null).Select(machine => machine.Name));
        Assert.Equal(5, machines.Count(machine => machine.Name.Contains("machine", StringComparison.Ordinal)
            || machine.Name.Contains("device", StringComparison.Ordinal) || machine.Name == "no report"));
    }

    /// <summary>Made once: nothing here is changed by a look at it.</summary>
    public sealed class OldDatabase : IAsyncLifetime
    {
        public DashboardApp App { get; } = new();
        public RunRow Bad { get; private set; } = null!;

        public async Task InitializeAsync()
        {
            await new RunBuilder(App) { Name = "a good run" }.BuildAsync();
            var odd = await new RunBuilder(App) { Name = "an odd run", DatasetName = "third", Predictions = false }.BuildAsync();
            Bad = await new RunBuilder(App) { Name = "a bad run", DatasetName = "other", State = RunState.Training, DoneEpochs = 2 }
                .BuildAsync();
            await using var db = App.Database();
            await db.Runs.Where(run => run.Id == Bad.Id).ExecuteUpdateAsync(set => set
                .SetProperty(run => run.Epochs, int.MaxValue).SetProperty(run => run.StepsPerEpoch, int.MaxValue)
                    .SetProperty(run => run.Epoch, int.MaxValue)
                .SetProperty(run => run.Step, int.MaxValue - 1).SetProperty(run => run.BestEpoch, -1)
                    .SetProperty(run => run.BestValAccuracy, 1e308)
                .SetProperty(run => run.Phase, new string('p', 1_000_000)).SetProperty(run => run.PhaseFraction, 1e308)
                    .SetProperty(run => run.ImagesPerSecond, double.PositiveInfinity)
                .SetProperty(run => run.Reason, new string('<', 3_500_000)).SetProperty(run => run.ValSamples, int.MinValue));
            foreach (var epoch in new[] { -1, int.MaxValue })
                db.Epochs.Add(new EpochRow { RunId = Bad.Id, Epoch = epoch, Step = epoch, TrainLoss = 1e308,
                    ValLoss = double.NegativeInfinity, ValAccuracy = 1e308, Seconds = -1e308, At = DateTimeOffset.UnixEpoch });
            db.Steps.Add(new StepRow { RunId = Bad.Id, Step = int.MaxValue, Epoch = -1, Loss = 1e308, LearningRate = 1e308,
                ImagesPerSecond = 1e308, At = DateTimeOffset.UnixEpoch });
            for (var line = 0; line < 200; line++)
                db.Logs.Add(new LogRow { RunId = Bad.Id, Attempt = 1, Sequence = 10_000 + line, Level = RunLogLevel.Error,
                    Text = new string('<', 50_000), At = DateTimeOffset.UnixEpoch });
            AddMachine(db, "a good machine",
                JsonSerializer.Serialize(HonestMessages.Report with { Name = "a good machine" }, CoreJson.Options));
            AddMachine(db, "null devices", JsonSerializer.Serialize(HonestMessages.Report with { Devices = null! }, CoreJson.Options));
            AddMachine(db, "a null device", JsonSerializer.Serialize(HonestMessages.Report with { Devices = [null!] }, CoreJson.Options));
            AddMachine(db, "many devices",
                JsonSerializer.Serialize(
                    HonestMessages.Report with { Devices = [.. Enumerable.Repeat(HonestMessages.Report.Devices[0], 20_000)] },
                    CoreJson.Options));
            AddMachine(db, "no report", "{\"name\":17");
            await db.SaveChangesAsync();
            await db.Runs.Where(run => run.Id == odd.Id)
                .ExecuteUpdateAsync(set => set.SetProperty(run => run.RecipeJson, "{\"dataset\":\"1\",\"mode\":\"byTelepathy\"}"));
        }

        public async Task DisposeAsync() => await App.DisposeAsync();

        private static void AddMachine(DashboardDb db, string name, string report) =>
            db.Machines.Add(new MachineRow { Name = name, KeyHash = name, ReportJson = report, JoinedAt = DateTimeOffset.UnixEpoch,
                Version = new string('v', 1_000_000) });
    }
}
