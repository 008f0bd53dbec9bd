using System.Diagnostics;
using Dashboard.Dispatch.Hubs;
using Dashboard.Dispatch.Trainers;
using Dashboard.Machines.Devices;
using Dashboard.Processes;
using Dashboard.Protocol;
using Dashboard.Runs;
using Dashboard.Storage;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Training.Core.Runs;
using Training.Tests.TestKit;

namespace Training.Tests.Dispatch.Trainers;

/// <summary>A run is stopped and resumed: what was asked of its first attempt concerns the second one nowhere.</summary>
public sealed class ResumedRunTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _clock = new(DateTimeOffset.UnixEpoch);
    private TrainerStory _story = null!;
    private string _secondToken = "";

    public async Task InitializeAsync()
    {
        _story = await TrainerStory.BeginAsync();
        await StopFirstAttemptElsewhereAsync();
        await _story.App.Runs.ResumeAsync(_story.Run.Id, default);
        _secondToken = AttemptToken.Create();
        await _story.App.Runs.TakeNextAsync(TrainerStory.Machine, AttemptToken.Hash(_secondToken));
    }

    public async Task DisposeAsync() => await _story.DisposeAsync();

    [Fact]
    public async Task SecondAttempt_OnTheDashboardThatStoppedTheFirst_IsNotEnded()
    {
        var link = Link();
        await link.StopAsync(new AttemptId(_story.Run.Id, 1));
        _clock.Advance(AttemptWatch.KillAfter + TimeSpan.FromMinutes(1));
        using var process = TrainerProcess.Start(new ProcessStartInfo("/bin/sh", ["-c", "exec sleep 600"]), _clock);
        var watch = new AttemptWatch(
            _story.Dispatcher(link, _clock), _story.App.Get<IOptions<DashboardOptions>>(), _story.App.Get<Guard>(), _clock,
            NullLogger<AttemptWatch>.Instance);
        using var end = new CancellationTokenSource();
        var watching = watch.WatchAsync(_story.Run.Id, 2, process, end.Token);

        // Many looks: the first one would have sent signal 9.
        for (var i = 0; i < 100; i++)
        {
            _clock.Advance(TimeSpan.FromMilliseconds(500));
            await Task.Yield();
        }

        Assert.True(process.Identity.IsAlive);
        Assert.False(watching.IsCompleted);
        Assert.Equal((RunState.Preparing, 2, false), await StandsAsync());

        // What is asked of the second one ends it.
        await _story.App.Runs.RequestStopAsync(_story.Run.Id, default);
        await link.StopAsync(new AttemptId(_story.Run.Id, 2));
        await Eventually.TrueAsync(
            () =>
            {
                _clock.Advance(TimeSpan.FromMilliseconds(500));
                return watching.IsCompleted;
            }, "the second attempt is ended");
        // It is asked first: nobody has waited for it before.
        Assert.Equal(128 + ProcessIdentity.SigTerm, process.ExitCode);
        Assert.Equal(RunState.Stopped, (await _story.StateAsync()).State);
    }

    [Fact]
    public async Task Standing_OfTheFirstAttempt_DoesNotTellWhatIsAskedOfTheSecond()
    {
        await _story.App.Runs.RequestStopAsync(_story.Run.Id, default);
        var dispatcher = _story.Dispatcher(Link(), TimeProvider.System);

        Assert.False((await dispatcher.StandingAsync(_story.Run.Id, 1, default))!.StopRequested);
        Assert.True((await dispatcher.StandingAsync(_story.Run.Id, 2, default))!.StopRequested);
    }

    [Fact]
    public async Task StopMessage_OfOneAttempt_ReachesItsTrainerOnly()
    {
        await using var connection = new HubConnectionBuilder().WithUrl(new Uri(_story.App.Url, MachineProtocol.Path))
            .AddJsonProtocol(json => CoreJson.Apply(json.PayloadSerializerOptions)).Build();
        var (stops, pauses) = (0, 0);
        connection.On(MachineProtocol.StopMessage, () => Interlocked.Increment(ref stops));
        connection.On(MachineProtocol.PauseMessage, () => Interlocked.Increment(ref pauses));
        await connection.StartAsync();
        Assert.Null((await connection.InvokeAsync<AttachReply>(nameof(ITrainerHub.Attach), _story.Run.Id, 2, _secondToken)).Refusal);
        var link = _story.App.Get<TrainerLink>();

        await link.StopAsync(new AttemptId(_story.Run.Id, 1));
        await link.PauseAsync(new AttemptId(_story.Run.Id, 1));
        await link.PauseAsync(new AttemptId(_story.Run.Id, 2));

        // A connection hears in the order in which it is spoken to.
        await Eventually.TrueAsync(() => Volatile.Read(ref pauses) > 0, "the trainer hears the pause");
        Assert.Equal((0, 1), (stops, pauses));
    }

    [Fact]
    public void Machine_WhoseDeviceStillHasTheFirstAttempt_DoesNotCountItAsTheSecond()
    {
        var machine = _story.App.Get<LocalMachine>();
        machine.Occupy(LocalMachine.Cpu, new AttemptId(_story.Run.Id, 1));

        Assert.False(machine.Trains(new AttemptId(_story.Run.Id, 2)));
        Assert.True(machine.TrainsRun(_story.Run.Id));
        machine.Release(LocalMachine.Cpu, new AttemptId(_story.Run.Id, 2));
        Assert.True(machine.Trains(new AttemptId(_story.Run.Id, 1)));
    }

    private TrainerLink Link() => new(_story.App.Get<IHubContext<MachineHub>>(), new AttemptRequests(), _clock);

    /// <summary>By whoever watches it; this dashboard isn't told.</summary>
    private async Task StopFirstAttemptElsewhereAsync()
    {
        await _story.App.Runs.RequestStopAsync(_story.Run.Id, default);
        await _story.App.Runs.DieAsync(_story.Run.Id, 1, "Stopped elsewhere", hasCheckpoint: true);
    }

    private async Task<(RunState, int, bool)> StandsAsync() =>
        await _story.StateAsync() is var run ? (run.State, run.Attempt, run.StopRequested) : default;
}
