using Dashboard.Dispatch;
using Dashboard.Machines;
using Dashboard.Machines.Devices;
using Dashboard.Processes;
using Dashboard.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Training.Core.Runs;
using Training.Tests.Dispatch.Trainers;
using Training.Tests.TestKit;

namespace Training.Tests.Dispatch;

/// <summary>What is said of a run while nobody answers for it, at a clock that the test moves.</summary>
public sealed class ContactWatchTests : IAsyncLifetime, IDisposable
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private DashboardApp _app = null!;
    private MachineContacts _contacts = null!;
    private ContactWatch _watch = null!;

    public async Task InitializeAsync()
    {
        _app = DashboardApp.Listening();
        _contacts = new MachineContacts(_clock);
        var options = _app.Get<IOptions<DashboardOptions>>();
        _watch = new ContactWatch(
            _app.Runs, _app.Get<MachineStore>(), new RunContact(_contacts, _app.Get<LocalMachine>(), options), _app.Get<Leadership>(),
            _app.Get<Guard>(), options, _clock, NullLogger<ContactWatch>.Instance);
        var store = _app.Get<MachineStore>();
        await store.JoinAsync(await store.CreateTokenAsync("test"), "box", "1");
        await TrainerStory.AddRunAsync(_app);
        await _app.Runs.TakeNextAsync("box", "hash");
        _contacts.MachineCame("box", "m");
    }

    public async Task DisposeAsync() => await _app.DisposeAsync();

    public void Dispose()
    {
        _watch.Dispose();
        _contacts.Dispose();
    }

    [Fact]
    public async Task Trainer_ThatLosesItsConnection_IsLostAfterTheGraceAndBackAtOnce()
    {
        _contacts.TrainerCame(1, 1, "t");
        Assert.Null(await LostAfterAsync(TimeSpan.FromMinutes(5)));

        _contacts.TrainerWent(1, "t");
        var went = _clock.GetUtcNow();
        Assert.Null(await LostAfterAsync(RunContact.Grace - TimeSpan.FromSeconds(1)));
        Assert.Equal(went, await LostAfterAsync(TimeSpan.FromSeconds(2)));
        // Its machine answers, so nobody takes the run away from it, however long it is.
        Assert.Equal(went, await LostAfterAsync(TimeSpan.FromHours(1)));
        Assert.Equal((RunState.Preparing, 1), await StateAsync());

        _contacts.TrainerCame(1, 1, "t2");
        // The end of the former connection is heard late.
        _contacts.TrainerWent(1, "t");
        Assert.Null(await LostAfterAsync(TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public async Task Machine_AwayForItsLease_LosesTheRun()
    {
        _contacts.TrainerCame(1, 1, "t");
        _contacts.TrainerWent(1, "t");
        _contacts.MachineWent("box", "m");
        Assert.NotNull(await LostAfterAsync(TimeSpan.FromSeconds(29)));
        Assert.Equal((RunState.Preparing, 1), await StateAsync());

        Assert.Null(await LostAfterAsync(TimeSpan.FromSeconds(2)));

        Assert.Equal((RunState.Queued, 1), await StateAsync());
        Assert.StartsWith("box has not answered for 31 seconds.", (await _app.Runs.GetAsync(1))!.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Machine_AwayThatARunIsBoundTo_IsWaitedForUnlessTheRunShallStop()
    {
        await using (var db = _app.Database())
        {
            db.Runs.Single().BoundTo = "box";
            await db.SaveChangesAsync();
        }
        _contacts.TrainerCame(1, 1, "t");
        _contacts.TrainerWent(1, "t");
        _contacts.MachineWent("box", "m");

        Assert.NotNull(await LostAfterAsync(TimeSpan.FromDays(3)));
        Assert.Equal((RunState.Preparing, 1), await StateAsync());

        await _app.Runs.RequestStopAsync(1, default);
        await LostAfterAsync(TimeSpan.FromSeconds(1));
        Assert.Equal((RunState.Stopped, 1), await StateAsync());
    }

    [Fact]
    public async Task Dashboard_ThatHasJustStarted_GivesTrainersTimeToComeBack()
    {
        await _app.Runs.ApplyAsync(1, 1, [new JournalEntry(1, _clock.GetUtcNow(), new TrainingStarted(5, 10, 80, 20, "cpu", "fp32"))]);

        Assert.Null(await LostAfterAsync(TimeSpan.FromSeconds(9)));
        Assert.NotNull(await LostAfterAsync(TimeSpan.FromSeconds(2)));
    }

    [Fact]
    public void Trainer_OfAFormerAttempt_SaysNothingOfTheOneThatTrainsNow()
    {
        _contacts.TrainerCame(1, 2, "of the second");

        _contacts.TrainerCame(1, 1, "of the first");
        Assert.Null(_contacts.TrainerAwaySince(1, 2));
        Assert.False(_contacts.HasTrainerCome(1, 1));
        _contacts.TrainerWent(1, "of the first");
        _contacts.Forget(1, 1);
        Assert.Null(_contacts.TrainerAwaySince(1, 2));

        _contacts.Forget(1, 2);
        Assert.False(_contacts.HasTrainerCome(1, 2));
    }

    private async Task<DateTimeOffset?> LostAfterAsync(TimeSpan time)
    {
        _clock.Advance(time);
        await _watch.LookAsync(CancellationToken.None);
        return (await _app.Runs.GetAsync(1))!.LostContactAt;
    }

    private async Task<(RunState, int)> StateAsync() => await _app.Runs.GetAsync(1) is { } run ? (run.State, run.Attempt) : default;
}
