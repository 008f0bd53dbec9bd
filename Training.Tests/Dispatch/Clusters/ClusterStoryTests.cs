using System.Text.Json;
using Dashboard.Storage;
using Training.Core.Runs;

namespace Training.Tests.Dispatch.Clusters;

[Collection(SlurmCluster.Name)]
public sealed class ClusterStoryTests(SlurmCluster slurm) : ClusterStory(slurm)
{
    [SkippableFact]
    public async Task Cluster_AfterATestJob_TrainsARunToItsEnd()
    {
        await BeginAsync(epochs: 3);

        var (status, text) = await SaveAsync(tested: true);
        Assert.True(status == 200, text);
        await JobIsAsync(1, "RUNNING");
        var job = await JobAsync(1);
        // What anybody may ask Slurm for holds no secret.
        var shown = await SlurmCluster.AskAsync("scontrol", "show", "job", job.GetProperty("id").GetString()!)
            + await SlurmCluster.AskAsync("scontrol", "write", "batch_script", job.GetProperty("id").GetString()!, "-");
        await StateAsync(1, RunState.Completed);

        Assert.StartsWith("n", job.GetProperty("node").GetString(), StringComparison.Ordinal);
        Assert.Contains("JobName=run1-tiny", shown, StringComparison.Ordinal);
        Assert.DoesNotMatch("[0-9a-f]{64}", shown);
        Assert.DoesNotContain(Directory.EnumerateFiles(_root.In("clusters"), "start-*", SearchOption.AllDirectories), _ => true);
        await Stored(1).AssertNoStepIsMissingOrDoubledAsync();
        var attempt = Assert.Single(JsonDocument.Parse(await GetAsync("api/runs/1/attempts")).RootElement.EnumerateArray());
        Assert.Equal(job.GetProperty("node").GetString(), attempt.GetProperty("job").GetProperty("node").GetString());
        Assert.Contains("\"kind\":\"slurm\"", await GetAsync("api/machines"), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Node_KilledInTheMiddle_SlurmStartsTheJobAgainAndTheRunGoesOnFromItsCheckpoint()
    {
        await BeginAsync(epochs: 60);
        await SaveAsync(tested: false);
        await StepsAsync(1, 20);
        var node = (await JobAsync(1)).GetProperty("node").GetString()!;

        Slurm.KillNode(node);

        await WaitAsync(async () => (await Stored(1).GetAsync()).Attempt == 2, "another attempt");
        var died = (await Stored(1).AttemptsAsync())[0];
        Assert.True(died.Died);
        Assert.Matches($"^Slurm took job \\d+ back from {node} and put it into its queue again: {node} is down.*Not responding",
            died.Reason);
        var again = await JobAsync(1);
        Assert.Equal(1, again.GetProperty("restarts").GetInt32());
        await StateAsync(1, RunState.Completed);
        Assert.Equal(2, (await Stored(1).GetAsync()).Attempt);
        Assert.True(Journal.Read(Folder(1).Journal(2)).Select(entry => entry.Event).OfType<StepCompleted>().First().Step > 1,
            "It began again from the first step.");
        await Stored(1).AssertNoStepIsMissingOrDoubledAsync();
        await Slurm.StartNodeAsync(node);
    }

    [SkippableFact]
    public async Task Cluster_ThatIsFull_ShowsWhyARunWaitsAndEndsJobsAsItIsTold()
    {
        await BeginAsync(10_000, 10_000, 10_000);
        await SaveAsync(tested: false);

        await JobIsAsync(3, "PENDING", "Resources");
        await StepsAsync(1, 5);
        await StepsAsync(2, 5);
        Assert.StartsWith("PENDING (Resources)", (await Stored(3).GetAsync()).Phase, StringComparison.Ordinal);
        var page = await GetAsync("runs/3");
        Assert.Contains("PENDING (Resources)", page, StringComparison.Ordinal);
        Assert.Contains("It waits until a node has room.", page, StringComparison.Ordinal);
        Assert.Contains("PENDING (Resources)", await GetAsync("machines"), StringComparison.Ordinal);
        Assert.Contains("PENDING (Resources)", await GetAsync(""), StringComparison.Ordinal);

        await PostAsync(3, "stop");
        await StateAsync(3, RunState.Stopped);
        Assert.Equal("Stopped before its trainer began; no epoch had been evaluated, so there are no weights to keep.",
            (await Stored(3).GetAsync()).Reason);
        await PostAsync(1, "stop");
        await StateAsync(1, RunState.Stopped);
        await SlurmCluster.AskAsync("scancel", (await JobAsync(2)).GetProperty("id").GetString()!);
        await StateAsync(2, RunState.Failed);

        Assert.Matches("^Job \\d+ on n[12] was cancelled in Slurm \\(scancel\\), not here.", (await Stored(2).GetAsync()).Reason);
        // It was asked before it was ended, and left what another attempt goes on from.
        Assert.Contains("another attempt goes on from it", await File.ReadAllTextAsync(Folder(2).TrainerLog), StringComparison.Ordinal);
        await WaitAsync(async () => (await SlurmCluster.AskAsync("squeue", "--me", "-h")).Trim().Length == 0, "no job is left");
        await PostAsync(2, "resume");
        await StepsAsync(2, (await Stored(2).GetAsync()).Step + 5);
        await Stored(2).AssertNoStepIsMissingOrDoubledAsync();
    }

    [SkippableFact]
    public async Task Controller_RestartedInTheMiddle_IsSaidAndNothingEnds()
    {
        await BeginAsync(epochs: 10_000);
        const string Hostile = "no'; touch \"$HOME/fine-tune-hostile\"; echo '";
        await SaveAsync(tested: false, cluster => (cluster["ssh"], cluster["partition"]) = ("login", Hostile));
        await WaitAsync(async () =>
            (await Stored(1).GetAsync()).Reason.Contains("Invalid partition name specified", StringComparison.Ordinal),
            "Slurm's refusal is shown");
        var refused = await Stored(1).GetAsync();
        Assert.Equal((RunState.Queued, 0), (refused.State, refused.Attempt));
        Assert.Contains("Write another partition on the cluster's card", refused.Reason, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), "fine-tune-hostile")));

        await SaveAsync(tested: false, cluster => (cluster["ssh"], cluster["partition"]) = ("login", "one"));
        await StepsAsync(1, 5);
        // Steps may be here before squeue is asked where they come from.
        await WaitAsync(async () => (await JobAsync(1)).GetProperty("node").GetString() == "n2", "it runs on the partition's node");
        await Slurm.StopControllerAsync();
        await WaitAsync(async () => (await GetAsync("runs/1"))
            .Contains("The Slurm controller of hpc has not answered since", StringComparison.Ordinal), "the page says so");
        await StepsAsync(1, (await Stored(1).GetAsync()).Step + 5);
        // Both of them away: the training goes on, and the next dashboard finds it.
        await _dashboard.KillAsync();
        await RestartAsync();
        await StepsAsync(1, (await Stored(1).GetAsync()).Step + 5);
        await Slurm.StartControllerAsync();
        await WaitAsync(async () => !(await GetAsync("runs/1")).Contains("has not answered since", StringComparison.Ordinal),
            "it answers again");
        await StepsAsync(1, (await Stored(1).GetAsync()).Step + 5);

        Assert.Equal((RunState.Training, 1), ((await Stored(1).GetAsync()).State, (await Stored(1).GetAsync()).Attempt));
        await PostAsync(1, "stop");
        await StateAsync(1, RunState.Stopped);
        await Stored(1).AssertNoStepIsMissingOrDoubledAsync();
    }
}
