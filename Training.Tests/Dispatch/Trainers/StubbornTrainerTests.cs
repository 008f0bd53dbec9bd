using System.Diagnostics;
using Dashboard.Dispatch.Hubs;
using Dashboard.Dispatch.Trainers;
using Dashboard.Processes;
using Dashboard.Protocol;
using Dashboard.Runs;
using Dashboard.Storage;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Training.Core.Runs;
using Training.Tests.TestKit;

namespace Training.Tests.Dispatch.Trainers;

/// <summary>A real child process that doesn't listen; the clock is the test's.</summary>
public sealed class StubbornTrainerTests : IDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(500);

    private readonly FakeTimeProvider _clock = new(DateTimeOffset.UnixEpoch);
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task Stop_ThatIsNotHeard_IsFollowedBySigtermAndThenBySigkill()
    {
        await using var story = await TrainerStory.BeginAsync();
        Report(story, [new TrainingStarted(5, 1, 80, 20, "cpu", "fp32"), new EpochCompleted(1, 1, 0.5, 0.4, 0.75, 10, 20, 1, true)]);
        using var process = Launch("trap 'echo asked >> \"$0\"' TERM; echo ready >> \"$0\"; while :; do sleep 0.05; done");
        await Eventually.TrueAsync(() => Heard().Contains("ready", StringComparison.Ordinal), "the process is there");
        var link = new TrainerLink(story.App.Get<IHubContext<MachineHub>>(), new AttemptRequests(), _clock);
        var watching = Watch(story, link).WatchAsync(story.Run.Id, 1, process, CancellationToken.None);
        await story.App.Runs.RequestStopAsync(story.Run.Id, default);
        await link.StopAsync(new AttemptId(story.Run.Id, 1));

        // The shell may need its time to say so; the clock doesn't run into the next signal meanwhile.
        var asked = await PassedUntilAsync(
            () => Heard().Contains("asked", StringComparison.Ordinal), "the process is asked to end",
            AttemptWatch.KillAfter - TimeSpan.FromSeconds(5));
        Assert.True(process.Identity.IsAlive);
        var killed = await PassedUntilAsync(() => !process.Identity.IsAlive, "the process is killed");
        await PassedUntilAsync(() => watching.IsCompleted, "the run has its end");

        Assert.InRange(asked, AttemptWatch.TerminateAfter, AttemptWatch.KillAfter);
        Assert.True(killed >= AttemptWatch.KillAfter, $"killed after {killed}");
        Assert.Equal("ready\nasked\n", Heard());
        Assert.Equal(128 + ProcessIdentity.SigKill, process.ExitCode);
        var run = await story.StateAsync();
        Assert.Equal((RunState.Stopped, "Stopped: the trainer did not end by itself; the weights of epoch 1 are kept."),
            (run.State, run.Reason));
    }

    [Fact]
    public async Task Process_OfARunThatIsOverLongSince_IsKilled()
    {
        await using var story = await TrainerStory.BeginAsync();
        using var process = Launch("echo ready >> \"$0\"; while :; do sleep 0.05; done");
        await Eventually.TrueAsync(() => Heard().Length > 0, "the process is there");
        var watching = Watch(story, story.App.Get<TrainerLink>()).WatchAsync(story.Run.Id, 1, process, CancellationToken.None);

        await story.App.Runs.FailAsync(story.Run.Id, 1, "Given up");
        await PassedUntilAsync(() => watching.IsCompleted, "the watch ends");

        Assert.False(process.Identity.IsAlive);
        Assert.Equal("Given up", (await story.StateAsync()).Reason);
    }

    [Fact]
    public async Task Process_ThatEndsBySigterm_IsNotKilled()
    {
        await using var story = await TrainerStory.BeginAsync();
        using var process = Launch("trap 'echo asked >> \"$0\"; exit 3' TERM; echo ready >> \"$0\"; while :; do sleep 0.05; done");
        await Eventually.TrueAsync(() => Heard().Length > 0, "the process is there");
        var link = new TrainerLink(story.App.Get<IHubContext<MachineHub>>(), new AttemptRequests(), _clock);
        var watching = Watch(story, link).WatchAsync(story.Run.Id, 1, process, CancellationToken.None);
        await story.App.Runs.RequestStopAsync(story.Run.Id, default);
        await link.StopAsync(new AttemptId(story.Run.Id, 1));

        await PassedUntilAsync(() => watching.IsCompleted, "the watch ends");

        Assert.Equal(3, process.ExitCode);
        var run = await story.StateAsync();
        Assert.Equal(RunState.Stopped, run.State);
        Assert.EndsWith("there are no weights to keep.", run.Reason, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>Lets time pass until something has happened.</summary>
    /// <param name="limit">Time stands still from there on.</param>
    /// <returns>How much had passed since the epoch when it was seen.</returns>
    private async Task<TimeSpan> PassedUntilAsync(Func<bool> happened, string what, TimeSpan? limit = null)
    {
        await Eventually.TrueAsync(
            () =>
            {
                if (happened()) return true;
                if (limit is null || Passed < limit) _clock.Advance(Tick);
                return false;
            }, what);
        return Passed;
    }

    private TimeSpan Passed => _clock.GetUtcNow() - DateTimeOffset.UnixEpoch;

    private string Heard() => File.Exists(_folder.In("heard")) ? File.ReadAllText(_folder.In("heard")) : "";

    /// <param name="script">$0 is the file that it tells the test by.</param>
    private TrainerProcess Launch(string script) =>
        TrainerProcess.Start(new ProcessStartInfo("/bin/sh", ["-c", script, _folder.In("heard")]), _clock);

    private AttemptWatch Watch(TrainerStory story, TrainerLink link) => new(
        story.Dispatcher(link, _clock), story.App.Get<IOptions<DashboardOptions>>(), story.App.Get<Guard>(), _clock,
            NullLogger<AttemptWatch>.Instance);

    private static void Report(TrainerStory story, IReadOnlyList<RunEvent> events)
    {
        using var journal = Journal.Open(story.Folder.Journal(1), TimeProvider.System);
        foreach (var runEvent in events) journal.Append(runEvent);
    }
}
