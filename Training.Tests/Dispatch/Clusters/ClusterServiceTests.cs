using Dashboard.Dispatch.Clusters;
using Dashboard.Runs;
using Dashboard.Storage;
using Training.Tests.Dispatch.Trainers;
using Training.Tests.TestKit;

namespace Training.Tests.Dispatch.Clusters;

/// <summary>What a real Slurm does too seldom to wait for, said by a script in its place.</summary>
public sealed class ClusterServiceTests : IAsyncLifetime, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private DashboardApp _app = null!;

    public async Task InitializeAsync()
    {
        await File.WriteAllTextAsync(_folder.In("ssh"), $$"""
            #!/bin/sh
            cd '{{_folder.Path}}'
            while [ "$1" != -- ]; do shift; done
            case "$3" in
              *' sbatch '*) cat >/dev/null; echo "$3" >>submitted; [ ! -e refusal ] || { cat refusal >&2; exit 1; }; echo 41;;
              *' squeue '*) cat queue;;
              *' scancel '*) echo "$3" >>cancelled;;
            esac

            """);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(_folder.In("ssh"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        await QueueAsync("");
        _app = new DashboardApp(settings: new Dictionary<string, string> { ["Dashboard:Ssh"] = _folder.In("ssh") });
        await TrainerStory.AddRunAsync(_app);
    }

    public async Task DisposeAsync() => await _app.DisposeAsync();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Job_ThatVanishes_TheRunSaysSoAndGoesOnInAnotherOne()
    {
        await AddClusterAsync();

        var died = await EndOfFirstAttemptAsync();

        Assert.StartsWith("Slurm doesn't know job 41 any more: it was removed, or the controller of hpc lost its state.", died.Reason,
            StringComparison.Ordinal);
        await Eventually.TrueAsync(async () => await RunAsync() is { State: RunState.Preparing, Attempt: 2 }, "another attempt");
    }

    [Theory]
    [InlineData("TIMEOUT|TimeLimit", "Slurm ended job 41 on n1 because its time limit is over (TIMEOUT).")]
    [InlineData("PREEMPTED|None", "Slurm took the node from job 41 on n1 for a more important one (PREEMPTED).")]
    [InlineData("NODE_FAIL|None", "The node of job 41 failed: n1 (NODE_FAIL).")]
    [InlineData("OUT_OF_MEMORY|OutOfMemory", "Slurm ended job 41 on n1 because it took more memory than it had asked for (OUT_OF_MEMORY).")]
    public async Task Job_ThatSlurmEnds_SaysWhyInPlainWords(string state, string words)
    {
        await QueueAsync($"41|{state}|1795656423|n1||0|0|x|");
        await AddClusterAsync();

        Assert.StartsWith(words, (await EndOfFirstAttemptAsync()).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Submission_WhoseAnswerGotLost_IsFoundAgainAndNotMadeTwice()
    {
        await File.WriteAllTextAsync(_folder.In("refusal"),
            "sbatch: error: Batch job submission failed: Socket timed out on send/recv operation");
        await AddClusterAsync();
        await Eventually.TrueAsync(() => File.Exists(_folder.In("submitted")), "it was submitted");
        var sent = await File.ReadAllTextAsync(_folder.In("submitted"));
        var comment = sent[(sent.IndexOf("--comment=", StringComparison.Ordinal) + "--comment=".Length)..].Split('\'')[0];

        await QueueAsync($"41|PENDING|Priority|0|||0|0|{comment}|");

        await Eventually.TrueAsync(async () => await _app.Get<ClusterJobs>().GetAsync(1, 1) is { JobId: "41", Reason: "Priority" },
            "its job is known");
        Assert.Single(await File.ReadAllLinesAsync(_folder.In("submitted")));
        Assert.Equal("PENDING (Priority)", (await RunAsync()).Phase);
        // Nobody waits for it any more.
        await _app.Get<RunService>().StopAsync(1);
        await Eventually.TrueAsync(() => File.Exists(_folder.In("cancelled")), "it is cancelled");
    }

    [Fact]
    public async Task Submission_BeyondALimit_WaitsAndSaysWhy()
    {
        await File.WriteAllTextAsync(_folder.In("refusal"),
            "sbatch: error: AssocMaxSubmitJobLimit\nsbatch: error: Batch job submission failed: Job violates accounting/QOS policy");
        await AddClusterAsync();

        await Eventually.TrueAsync(async () => (await RunAsync()).Reason.Contains("refuses", StringComparison.Ordinal), "it waits again");

        var run = await RunAsync();
        Assert.Equal(0, run.Attempt);
        Assert.Null(run.StartedAt);
        Assert.StartsWith(
            "hpc refuses it: AssocMaxSubmitJobLimit; Batch job submission failed: Job violates accounting/QOS policy. A limit of the "
                + "cluster is reached; it takes the run as soon as other jobs have ended. It is tried again by itself.",
            run.Reason, StringComparison.Ordinal);
        Assert.Empty(await _app.Runs.AttemptsAsync(1));
    }

    /// <summary>As squeue prints it.</summary>
    private Task QueueAsync(string lines) => File.WriteAllTextAsync(_folder.In("queue"), lines + "\n");

    private async Task AddClusterAsync() => Assert.True(await _app.Get<ClusterStore>().SaveAsync(
        new ClusterSettings { Name = "hpc", Server = "http://127.0.0.1:1", Ssh = "login", TakesAnyRun = true }, tested: true));

    private async Task<RunRow> RunAsync() => (await _app.Runs.GetAsync(1))!;

    private Task<AttemptRow> EndOfFirstAttemptAsync() =>
        Eventually.NotNullAsync(async () => (await _app.Runs.AttemptsAsync(1))
            .FirstOrDefault(attempt => attempt is { Number: 1, EndedAt: not null }), "the first attempt is over");
}
