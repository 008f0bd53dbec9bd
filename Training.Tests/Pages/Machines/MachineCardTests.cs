using Bunit;
using Dashboard.Dispatch;
using Dashboard.Machines.Devices;
using Dashboard.Pages.Machines;
using Dashboard.Pages.Wording;
using Dashboard.Protocol;
using Dashboard.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Training.Core.Recipes;
using Training.Tests.TestKit;

namespace Training.Tests.Pages.Machines;

public sealed class MachineCardTests : BunitContext
{
    private const long Gigabyte = 1_000_000_000;
    private readonly FakeTimeProvider _time = new();

    public MachineCardTests()
    {
        Services.AddLogging().AddLocalization();
        Services.AddSingleton<TimeProvider>(_time);
    }

    [Fact]
    public void Machine_ThatTrains_ShowsLoadMemoryDiskAndTheRun()
    {
        var card = Show(Report([new DeviceReport("cpu", "AMD EPYC", 0.42, 4 * Gigabyte, 16 * Gigabyte, 7)]));

        Assert.Contains("42 %", card.Markup, StringComparison.Ordinal);
        Assert.Contains("4.0 GB of 16.0 GB", card.Markup, StringComparison.Ordinal);
        Assert.Contains("60.0 GB free", card.Markup, StringComparison.Ordinal);
        var link = card.Find("td a");
        Assert.Equal("/runs/7", link.GetAttribute("href"));
        Assert.Equal("cats <script>", link.TextContent);
        Assert.DoesNotContain("<script>", card.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void Machine_WithoutARun_IsFree() =>
        Assert.Contains("Free", Show(Report([new DeviceReport("cpu", "AMD EPYC", 0, null, null, null)])).Find("tbody").TextContent,
            StringComparison.Ordinal);

    [Fact]
    public void Gpu_ThatThisBuildCantUse_SaysWhyAndWhatToDo()
    {
        var row = Show(Report([new DeviceReport("cuda:0", "NVIDIA RTX", 0.1, 1, 2, null, CanTrain: false)])).Find("tbody").TextContent;

        Assert.Contains("GPU 0", row, StringComparison.Ordinal);
        Assert.Contains("-p:Torch=cuda", row, StringComparison.Ordinal);
    }

    [Fact]
    public void Values_ThatAreUnknown_AreNotShownAsZero()
    {
        var report = Report([new DeviceReport("cpu", "CPU", null, null, null, null)]) with { Load = null, MemoryUsed = null,
            DiskFree = null };

        var card = Show(report);

        Assert.Equal(2, card.FindAll("td")
            .Count(cell => cell.TextContent.Contains('–', StringComparison.Ordinal)
                || cell.TextContent.Contains("unknown", StringComparison.Ordinal)));
        Assert.DoesNotContain("0 %", card.Find(".gauges").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void Disk_NearlyFull_IsSaidWithTheRemedy()
    {
        var card = Show(Report([]) with { DiskFree = Gigabyte });

        Assert.Contains("Delete runs that you no longer need", card.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void Machine_ThatReportsNoMore_SaysForHowLong()
    {
        var report = Report([]);
        Assert.DoesNotContain("No report", Show(report).Markup, StringComparison.Ordinal);

        _time.Advance(TimeSpan.FromSeconds(75));

        Assert.Contains("No report for 1 min 15 s", Show(report).Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void Agent_ThatIsAwayWhileARunGoesOn_SaysSinceWhenAndWhichRun()
    {
        this.LookAs(AccountRole.Viewer);
        var report = Report([new DeviceReport("cpu", "AMD EPYC", 0.42, 1, 2, 7)]);
        var away = _time.GetUtcNow();
        _time.Advance(TimeSpan.FromMinutes(5));

        var card = Render<MachineCard>(parameters => parameters
            .Add(card => card.Machine, report.WhileAway(_ => 7))
            .Add(card => card.Runs, new Dictionary<int, string> { [7] = "cats <script>" })
            .Add(card => card.Known, View(report, away) with { GoOn = [7] }));

        var said = card.Find(".note").TextContent;
        Assert.Contains(Figures.Exact(away), said, StringComparison.Ordinal);
        Assert.Contains("cats <script> goes on", said, StringComparison.Ordinal);
        Assert.Equal("/runs/7", card.Find(".note a").GetAttribute("href"));
        Assert.Equal("/runs/7", card.Find("tbody a").GetAttribute("href"));
        Assert.Contains("Agent away for 5 min", card.Find(".hd").TextContent, StringComparison.Ordinal);
        Assert.DoesNotContain("Lost contact", card.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void Machine_ThatIsAwayWithItsRun_IsLostAndTrainsNothingThatIsKnown()
    {
        this.LookAs(AccountRole.Viewer);
        var report = Report([new DeviceReport("cpu", "AMD EPYC", 0.42, 1, 2, 7)]);

        var card = Render<MachineCard>(parameters => parameters
            .Add(card => card.Machine, report.WhileAway()).Add(card => card.Known, View(report, _time.GetUtcNow())));

        Assert.Contains("Lost contact", card.Markup, StringComparison.Ordinal);
        Assert.Empty(card.FindAll("tbody a"));
        Assert.Empty(card.FindAll(".note"));
    }

    [Fact]
    public void Speed_MeasuredOrNot_IsSaidInASentence()
    {
        Assert.Contains("Not measured yet", Show(Report([])).Markup, StringComparison.Ordinal);

        var measured = Show(Report([]), Measured);

        Assert.Contains("trains 33, evaluates 104 and decodes", measured.Markup, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Speed_Measured_SaysWhenAndWhetherSomethingElseKeptTheMachineBusy(bool isUnderLoad)
    {
        var measured = Measured with { UnderLoad = isUnderLoad };
        _time.Advance(TimeSpan.FromHours(3));

        var line = Show(Report([]), measured).Find(".speed");

        Assert.Contains("Measured 3 h ago", line.TextContent, StringComparison.Ordinal);
        Assert.Equal(Figures.Exact(measured.At), line.QuerySelector("[title]")!.GetAttribute("title"));
        Assert.Equal(isUnderLoad, line.TextContent.Contains("kept the machine busy", StringComparison.Ordinal));
        // Without an account of the machine there is nothing to press.
        Assert.Null(line.QuerySelector("button"));
    }

    [Fact]
    public void LoadLine_WithAGap_IsDrawnInTwoPieces()
    {
        var reports = new double?[] { 0.1, 0.5, null, 0.9, 1 }.Select(load => Report([]) with { Load = load, MemoryUsed = null }).ToList();

        var card = Render<MachineCard>(parameters => parameters.Add(c => c.Machine, reports[^1]).Add(c => c.History, reports));

        Assert.Equal(2, card.FindAll("svg .line").Count);
    }

    private MeasuredSpeed Measured => new(new MachineSpeed(32.7, 104, 1500), "AMD EPYC", "1", _time.GetUtcNow());

    private IRenderedComponent<MachineCard> Show(MachineReport report, MeasuredSpeed? speed = null) =>
        Render<MachineCard>(parameters => parameters
            .Add(card => card.Machine, report)
            .Add(card => card.History, [report])
            .Add(card => card.Speed, speed)
            .Add(card => card.Runs, new Dictionary<int, string> { [7] = "cats <script>" }));

    private static MachineView View(MachineReport report, DateTimeOffset? away) =>
        new(report.Name, MachineMode.Active, 60, "1", report.At, away, IsHere: false, report);

    private MachineReport Report(IReadOnlyList<DeviceReport> devices) => new(
        "rtx-box", "Debian", "AMD EPYC", 2, 0.42, 4 * Gigabyte, 16 * Gigabyte, 60 * Gigabyte, 100 * Gigabyte, devices, _time.GetUtcNow());
}
