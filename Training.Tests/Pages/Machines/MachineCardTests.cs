using Bunit;
using Dashboard.Pages.Machines;
using Dashboard.Protocol;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Training.Core.Recipes;

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
    public void Speed_MeasuredOrNot_IsSaidInASentence()
    {
        Assert.Contains("Not measured yet", Show(Report([])).Markup, StringComparison.Ordinal);

        var measured = Show(Report([]), new MachineSpeed(32.7, 104, 1500));

        Assert.Contains("trains 33, evaluates 104 and decodes", measured.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void LoadLine_WithAGap_IsDrawnInTwoPieces()
    {
        var reports = new double?[] { 0.1, 0.5, null, 0.9, 1 }.Select(load => Report([]) with { Load = load, MemoryUsed = null }).ToList();

        var card = Render<MachineCard>(parameters => parameters.Add(c => c.Machine, reports[^1]).Add(c => c.History, reports));

        Assert.Equal(2, card.FindAll("svg .line").Count);
    }

    private IRenderedComponent<MachineCard> Show(MachineReport report, MachineSpeed? speed = null) =>
        Render<MachineCard>(parameters => parameters
            .Add(card => card.Machine, report)
            .Add(card => card.History, [report])
            .Add(card => card.Speed, speed)
            .Add(card => card.Runs, new Dictionary<int, string> { [7] = "cats <script>" }));

    private MachineReport Report(IReadOnlyList<DeviceReport> devices) => new(
        "rtx-box", "Debian", "AMD EPYC", 2, 0.42, 4 * Gigabyte, 16 * Gigabyte, 60 * Gigabyte, 100 * Gigabyte, devices, _time.GetUtcNow());
}
