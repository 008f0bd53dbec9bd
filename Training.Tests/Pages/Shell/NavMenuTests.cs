using System.Globalization;
using Bunit;
using Dashboard.Machines;
using Dashboard.Pages.Shell;
using Dashboard.Terminal.Benchmarks;
using Training.Tests.TestKit;

namespace Training.Tests.Pages.Shell;

public sealed class NavMenuTests : ComponentTests
{
    [Fact]
    public void Devices_OfManyMachines_AreTheFewThatTrainAndALinkToTheOthers()
    {
        for (var number = 1; number <= 20; number++)
        {
            var report = PagesSeed.ReportOf(string.Create(CultureInfo.InvariantCulture, $"box-{number:D2}"));
            App.Get<MachineRegistry>()
                .Report(number == 20 ? report with { Devices = [.. report.Devices.Select(device => device with { RunId = 7 })] } : report);
        }

        var menu = Render<NavMenu>();

        var devices = menu.FindAll("div.device").Select(device => device.TextContent.Trim()).ToList();
        Assert.Equal(6, devices.Count);
        Assert.All(devices[..2], device => Assert.StartsWith("box-20", device, StringComparison.Ordinal));
        Assert.Equal("34 more", menu.Find("a.device").TextContent);
        Assert.Equal("/machines", menu.Find("a.device").GetAttribute("href"));
    }
}
