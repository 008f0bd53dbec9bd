using Dashboard.Machines;
using Dashboard.Processes;
using Dashboard.Protocol;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Training.Tests.TestKit;

namespace Training.Tests.Machines;

public sealed class MachineRegistryTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly MachineRegistry _registry;

    public MachineRegistryTests() => _registry = new MachineRegistry(_clock, NullLogger<MachineRegistry>.Instance);

    [Fact]
    public void Report_OfTwoMachines_TheLastOfEachIsShownByName()
    {
        _registry.Report(Report("rtx-box", 0.1));
        _registry.Report(Report("laptop", 0.2));
        _registry.Report(Report("rtx-box", 0.3));

        Assert.Equal([("laptop", 0.2), ("rtx-box", 0.3)], _registry.Machines.Select(machine => (machine.Name, machine.Load!.Value)));
        Assert.Null(_registry.Get("unknown"));
    }

    [Fact]
    public void History_OfALongTime_KeepsTheLastMinutes()
    {
        for (var i = 0; i < MachineRegistry.MaxHistory + 30; i++) _registry.Report(Report("laptop", i));

        var history = _registry.History("laptop");
        Assert.Equal(MachineRegistry.MaxHistory, history.Count);
        Assert.Equal(MachineRegistry.MaxHistory + 29, history[^1].Load);
        Assert.Empty(_registry.History("unknown"));
    }

    [Fact]
    public async Task Change_WhileAListenerIsBusy_IsToldToItAfterwards()
    {
        var (release, heard) = (new TaskCompletionSource(), 0);
        using var slow = _registry.Subscribe(async () =>
        {
            if (Interlocked.Increment(ref heard) == 1) await release.Task;
        });
        _registry.Report(Report("laptop", 0));
        await Eventually.TrueAsync(() => Volatile.Read(ref heard) == 1, "the listener is busy");

        // The last report for a long time, such as that of a machine that leaves.
        _registry.Report(Report("laptop", 0.5));
        release.SetResult();

        await HeardAsync(() => Volatile.Read(ref heard) == 2, "it hears of what came meanwhile");
    }

    [Fact]
    public async Task Machine_Forgotten_IsAChange()
    {
        _registry.Report(Report("laptop", 0));
        var heard = 0;
        using var listener = _registry.Subscribe(() =>
        {
            Interlocked.Increment(ref heard);
            return Task.CompletedTask;
        });

        _registry.Forget("laptop");

        await HeardAsync(() => Volatile.Read(ref heard) == 1, "the page hears that it is gone");
    }

    [Fact]
    public async Task Subscription_ThatFails_DoesNotKeepOthersFromHearing()
    {
        var heard = 0;
        using var failing = _registry.Subscribe(() => throw new InvalidOperationException("broken page"));
        using var fine = _registry.Subscribe(() =>
        {
            Interlocked.Increment(ref heard);
            return Task.CompletedTask;
        });

        _registry.Report(Report("laptop", 0));
        await HeardAsync(() => Volatile.Read(ref heard) == 1, "the first report is heard");
        _registry.Report(Report("laptop", 0));

        await HeardAsync(() => Volatile.Read(ref heard) == 2, "the second report is heard");
    }

    private Task HeardAsync(Func<bool> condition, string what) => Eventually.TrueAsync(
        () =>
        {
            _clock.Advance(ChangeFeed.Interval);
            return condition();
        }, what);

    private static MachineReport Report(string name, double load) =>
        new(name, "Linux", "CPU", 2, load, 1, 2, 3, 4, [], DateTimeOffset.UnixEpoch);
}
