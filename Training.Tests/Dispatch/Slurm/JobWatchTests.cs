using Dashboard.Dispatch;
using Dashboard.Dispatch.Clusters;
using Dashboard.Dispatch.Hubs;
using Dashboard.Dispatch.Slurm;
using Dashboard.Dispatch.Trainers;
using Dashboard.Machines;
using Dashboard.Processes;
using Dashboard.Runs;
using Dashboard.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Training.Tests.Dispatch.Trainers;
using Training.Tests.TestKit;

namespace Training.Tests.Dispatch.Slurm;

/// <summary>What is remembered of jobs, and of what was asked of attempts; scancel is a script that writes down what it is asked.</summary>
public sealed class JobWatchTests : IAsyncLifetime, IDisposable
{
    private const string Cluster = "hpc";
    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private DashboardApp _app = null!;
    private ClusterAttempts _attempts = null!;
    private JobSubmitter _submitter = null!;
    private JobWatch _watch = null!;
    private SlurmClient _slurm = null!;

    public async Task InitializeAsync()
    {
        await File.WriteAllTextAsync(_folder.In("ssh"),
            $"#!/bin/sh\nwhile [ \"$1\" != -- ]; do shift; done\necho \"$3\" >>'{_folder.In("asked")}'\n");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(_folder.In("ssh"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        _app = new DashboardApp();
        var options = _app.Get<IOptions<DashboardOptions>>().Value;
        _attempts = new ClusterAttempts(Cluster, _app.Get<RunDispatch>(),
            new TrainerLink(_app.Get<Microsoft.AspNetCore.SignalR.IHubContext<Dashboard.Dispatch.Hubs.MachineHub>>(),
                new AttemptRequests(), _clock));
        _submitter = new JobSubmitter(options);
        _watch = new JobWatch(
            Cluster, _submitter, new ClusterRuns(_app.Runs, _app.Get<ClusterJobs>(), _clock),
            new ClusterContacts(_app.Get<ClusterBoard>(), _app.Get<MachineContacts>(), _clock), _attempts,
            new AttemptEnding(_attempts, options, _app.Get<Guard>(), _clock, NullLogger.Instance), _clock, NullLogger.Instance);
        _slurm = new SlurmClient(new SlurmConnection("me@login", _folder.In("ssh")));
        await TrainerStory.AddRunAsync(_app);
    }

    public async Task DisposeAsync() => await _app.DisposeAsync();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Job_OfAResumedRun_IsNotCancelledForWhatWasAskedOfTheAttemptBefore()
    {
        var (run, attempt) = await TakenAsync(attempts: 2);
        _attempts.NoteStop(run.Id, 1);
        _clock.Advance(TimeSpan.FromHours(1));

        await _watch.LookAsync(_slurm, new ClusterSettings(), run, attempt, [Job("41", "RUNNING", run)], CancellationToken.None);
        Assert.Empty(Asked);

        _attempts.NoteStop(run.Id, 2);
        _clock.Advance(AttemptWatch.TerminateAfter);
        await _watch.LookAsync(_slurm, new ClusterSettings(), run, attempt, [Job("41", "RUNNING", run)], CancellationToken.None);
        Assert.EndsWith("scancel '41'", Assert.Single(Asked), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cancelled_Job_IsForgottenWhenItIsGoneAndCancelledAgainWhenItStays()
    {
        var (run, _) = await TakenAsync(attempts: 1);
        var foreign = Job("40", "PENDING", run);
        await _watch.TidyAsync(_slurm, [], [foreign], CancellationToken.None);
        await _watch.TidyAsync(_slurm, [], [foreign], CancellationToken.None);
        Assert.Single(Asked);

        // The controller forgot what it was asked.
        _clock.Advance(JobWatch.CancelAgain);
        await _watch.TidyAsync(_slurm, [], [foreign], CancellationToken.None);
        Assert.Equal(2, Asked.Length);

        await _watch.TidyAsync(_slurm, [], [], CancellationToken.None);
        Assert.Equal(0, _watch.Remembered);
    }

    [Fact]
    public async Task Misses_OfAnAttemptThatIsOver_AreForgotten()
    {
        var (run, attempt) = await TakenAsync(attempts: 1);
        await _watch.LookAsync(_slurm, new ClusterSettings(), run, attempt, [], CancellationToken.None);
        Assert.Equal(1, _watch.Remembered);

        await _watch.TidyAsync(_slurm, [(run, attempt)], [], CancellationToken.None);
        Assert.Equal(1, _watch.Remembered);
        await _watch.TidyAsync(_slurm, [], [], CancellationToken.None);
        Assert.Equal(0, _watch.Remembered);
    }

    private string[] Asked => File.Exists(_folder.In("asked")) ? File.ReadAllLines(_folder.In("asked")) : [];

    private SlurmJob Job(string id, string state, RunRow run) => new(id, _submitter.Comment(run.Id, 1), state, "", null, "n1", 0, null);

    /// <summary>The cluster has the run, as job 41.</summary>
    private async Task<(RunRow Run, AttemptRow Attempt)> TakenAsync(int attempts)
    {
        for (var number = 1; number <= attempts; number++)
        {
            if (number > 1) await _app.Runs.DieAsync(1, number - 1, "Given back", hasCheckpoint: true);
            await _app.Runs.TakeNextAsync(Cluster, "hash");
        }
        await _app.Get<ClusterJobs>().AddAsync(
            new ClusterJobRow { RunId = 1, Attempt = attempts, Submission = attempts, JobId = "41", State = "RUNNING", Node = "n1",
                SubmittedAt = _clock.GetUtcNow(), BeganAt = _clock.GetUtcNow() }, default);
        return Assert.Single(await _app.Runs.LiveOnAsync(Cluster));
    }
}
