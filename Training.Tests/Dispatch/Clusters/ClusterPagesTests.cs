using Bunit;
using Dashboard.Dispatch;
using Dashboard.Dispatch.Clusters;
using Dashboard.Pages.Machines;
using Dashboard.Storage;
using Microsoft.Extensions.Options;
using Training.Tests.Dispatch.Trainers;
using Training.Tests.TestKit;

namespace Training.Tests.Dispatch.Clusters;

public sealed class ClusterPagesTests : ComponentTests
{
    private static readonly ClusterSettings Settings = new() { Name = "클러스터", Server = "http://box.example:5080", Partition = "gpu",
        Gres = "gpu:1", Ssh = "login" };

    // Whether or not Slurm is installed here, nothing is to be reached through this ssh.
    public ClusterPagesTests() => App.Get<IOptions<DashboardOptions>>().Value.Ssh = "/no/such/ssh";

    [Fact]
    public void Form_WithWrongFields_SaysBesideEachWhatToDo()
    {
        var form = Render<ClusterForm>();
        form.Find("[name=name]").Input("hpc");
        form.Find("[name=ssh]").Input("-oProxyCommand=id");
        form.Find("textarea").Input("--mem=32G\n--wrap=id");

        form.Find("form").Submit();

        form.WaitForAssertion(() => Assert.Equal(3, form.FindAll(".wrong").Count));
        Assert.Contains("is no destination for ssh", form.Markup, StringComparison.Ordinal);
        Assert.Contains("The dashboard sets --wrap itself", form.Markup, StringComparison.Ordinal);
        Assert.Contains("Write this dashboard's address", form.Find(".fields").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Form_AfterATestThatFailed_SavesOnlyWithAWarning()
    {
        var form = Render<ClusterForm>();
        foreach (var (name, value) in new[] { ("name", "hpc"), ("server", "http://box.example:5080"), ("ssh", "login") })
            form.Find($"[name={name}]").Input(value);

        form.Find("form").Submit();

        form.WaitForAssertion(() => Assert.Contains("Save it although the test failed", form.Markup, StringComparison.Ordinal));
        Assert.Contains("can't be started on the dashboard's computer", form.Find(".checks").TextContent, StringComparison.Ordinal);
        form.FindAll("button").First(button => button.TextContent.Contains("although", StringComparison.Ordinal)).Click();
        await Eventually.TrueAsync(async () => await App.Get<ClusterStore>().GetAsync("hpc") is not null, "it is saved");
        Assert.Null((await App.Get<ClusterStore>().GetAsync("hpc"))!.TestedAt);
    }

    [Fact]
    public async Task Card_OfAClusterWithAJob_ShowsSlurmsOwnWordsAndItsTrouble()
    {
        await App.Get<ClusterStore>().SaveAsync(Settings, tested: true);
        await TrainerStory.AddRunAsync(App);
        var run = (await App.Runs.TakeNextAsync(Settings.Name, "hash"))!;
        await App.Get<ClusterJobs>()
            .AddAsync(new ClusterJobRow { RunId = run.Id, Attempt = 1, Submission = 1, JobId = "12", State = "PENDING",
                Reason = "Resources" }, default);
        await Eventually.TrueAsync(() => App.Get<ClusterBoard>().Get(Settings.Name).TroubleSince is not null,
            "the dashboard can't reach it");
        var machine = (await App.Get<MachineService>().ListAsync()).Single(machine => machine.Kind == MachineKind.Slurm);

        var card = Render<ClusterCard>(parameters => parameters.Add(c => c.Machine, machine));

        Assert.Equal("PENDING (Resources)", card.Find("td .chip").TextContent);
        Assert.Equal("It waits until a node has room.", card.Find("td .chip").GetAttribute("title"));
        Assert.Contains("partition gpu · gpu:1 · through login · 1 of 10 runs", card.Find("small").TextContent, StringComparison.Ordinal);
        Assert.Contains("Its controller has not answered for", card.Find(".hd").TextContent, StringComparison.Ordinal);
        Assert.Contains("nothing is ended for that", card.Markup, StringComparison.Ordinal);
    }
}
