using Dashboard.Machines;
using Microsoft.Extensions.Logging.Abstractions;

namespace Training.Tests.Machines;

public sealed class MachineRegistryTests
{
    private readonly MachineRegistry _registry = new(NullLogger<MachineRegistry>.Instance);

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
    public void Subscription_Disposed_HearsNoMore()
    {
        var heard = 0;
        var subscription = _registry.Subscribe(() =>
        {
            heard++;
            return Task.CompletedTask;
        });
        _registry.Report(Report("laptop", 0));

        subscription.Dispose();
        _registry.Report(Report("laptop", 0));

        Assert.Equal(1, heard);
    }

    [Fact]
    public void Subscription_ThatFails_DoesNotKeepOthersFromHearing()
    {
        var heard = 0;
        using var failing = _registry.Subscribe(() => throw new InvalidOperationException("broken page"));
        using var fine = _registry.Subscribe(() =>
        {
            heard++;
            return Task.CompletedTask;
        });

        _registry.Report(Report("laptop", 0));
        _registry.Report(Report("laptop", 0));

        Assert.Equal(2, heard);
    }

    private static MachineReport Report(string name, double load) =>
        new(name, "Linux", "CPU", 2, load, 1, 2, 3, 4, [], DateTimeOffset.UnixEpoch);
}
