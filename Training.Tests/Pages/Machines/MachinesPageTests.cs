using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Dashboard.Machines;
using Dashboard.Machines.Devices;
using Dashboard.Protocol;
using Dashboard.Storage;
using Training.Tests.TestKit;

namespace Training.Tests.Pages.Machines;

public sealed class MachinesPageTests
{
    private static readonly MachineReport Report = new(
        "rtx-box", "Debian", "AMD EPYC", 2, 0.5, 1, 2, 3, 4,
        [new DeviceReport("cuda:0", "NVIDIA RTX", 0.93, 5, 6, 7)], DateTimeOffset.UnixEpoch);

    [Fact]
    public async Task Page_BeforeAnyReport_SaysWhatToDo()
    {
        await using var app = new DashboardApp();

        var page = await app.CreateClient().GetStringAsync(new Uri("/machines", UriKind.Relative));

        Assert.Contains("No machine has reported yet", page, StringComparison.Ordinal);
        Assert.Contains("Dashboard:TrainHere=true", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_AfterAReport_ShowsTheMachineInTheFirstAnswer()
    {
        await using var app = new DashboardApp();
        app.Get<MachineRegistry>().Report(Report);

        var page = await app.CreateClient().GetStringAsync(new Uri("/machines", UriKind.Relative));

        Assert.Contains("rtx-box", page, StringComparison.Ordinal);
        Assert.Contains("href=\"/runs/7\"", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Api_OfMachines_IsCamelCase()
    {
        await using var app = new DashboardApp();
        app.Get<MachineRegistry>().Report(Report);

        var machines = await app.CreateClient().GetFromJsonAsync<JsonElement>("/api/machines");

        var device = machines[0].GetProperty("devices")[0];
        Assert.Equal("cuda:0", device.GetProperty("id").GetString());
        Assert.Equal(0.93, device.GetProperty("load").GetDouble());
        Assert.Equal(7, device.GetProperty("runId").GetInt32());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Run_OfAMachineWhoseAgentIsAway_IsSaidEverywhereWhileItsTrainerIsInContact(bool isInContact)
    {
        await using var app = new DashboardApp();
        var store = app.Get<MachineStore>();
        await store.JoinAsync(await store.CreateTokenAsync("test"), Report.Name, "1");
        var run = await new RunBuilder(app)
        {
            Machine = Report.Name, State = RunState.Training, DoneEpochs = 1, Images = false, Predictions = false,
        }.BuildAsync();
        app.Get<MachineRegistry>().Report(Report with { Devices = [Report.Devices[0] with { RunId = run.Id }] });
        var contacts = app.Get<MachineContacts>();
        contacts.MachineCame(Report.Name, "agent");
        contacts.TrainerCame(run.Id, run.Attempt, "trainer");
        contacts.MachineWent(Report.Name, "agent");
        if (!isInContact) contacts.TrainerWent(run.Id, "trainer");

        var page = await app.CreateClient().GetStringAsync(new Uri("/machines", UriKind.Relative));
        var machine = (await app.CreateClient().GetFromJsonAsync<JsonElement>("/api/machines"))[0];

        Assert.Equal(isInContact, page.Contains("1 of 1 devices train", StringComparison.Ordinal));
        Assert.Equal(isInContact, page.Contains($"href=\"/runs/{run.Id}\"", StringComparison.Ordinal));
        Assert.Equal(isInContact, page.Contains("goes on: its trainer reports by itself", StringComparison.Ordinal));
        Assert.Equal(!isInContact, Regex.IsMatch(page, "Lost contact [0-9]"));
        Assert.Equal(isInContact, page.Contains("Agent away for", StringComparison.Ordinal));
        Assert.NotEqual(JsonValueKind.Null, machine.GetProperty("awaySince").ValueKind);
        Assert.Equal(isInContact ? run.Id : null,
            JsonSerializer.Deserialize<int?>(machine.GetProperty("devices")[0].GetProperty("runId")));
    }

    [Fact]
    public async Task Dashboard_ThatTrains_ReportsThisMachine()
    {
        await using var app = new DashboardApp(settings: new Dictionary<string, string> { ["Dashboard:TrainHere"] = "true" });

        await Eventually.TrueAsync(() => app.Get<MachineRegistry>().Get(app.Get<LocalMachine>().Name)?.Load is not null,
            "this machine reports its load");
    }
}
