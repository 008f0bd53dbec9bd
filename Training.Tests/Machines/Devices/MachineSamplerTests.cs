using Dashboard.Machines.Devices;
using Dashboard.Processes;
using Dashboard.Protocol;
using Dashboard.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Training.Tests.TestKit;

namespace Training.Tests.Machines.Devices;

public sealed class MachineSamplerTests
{
    [Fact]
    public async Task Sample_OfThisMachine_IsPlausibleAndNamesTheRun()
    {
        using var folder = new TemporaryFolder();
        var options = Options.Create(new DashboardOptions { DataRoot = folder.Path });
        var machine = new LocalMachine(options);
        machine.Occupy(LocalMachine.Cpu, new AttemptId(7, 1));
        var guard = new Guard(new PartsHealth(TimeProvider.System, NullLogger<PartsHealth>.Instance), TimeProvider.System);
        var sampler = new MachineSampler(machine, guard, options, TimeProvider.System);

        var report = await sampler.SampleAsync(CancellationToken.None);

        Assert.Equal(Environment.ProcessorCount, report.Cores);
        Assert.InRange(report.MemoryUsed!.Value, 1, report.MemoryTotal!.Value);
        Assert.InRange(report.DiskFree!.Value, 0, report.DiskTotal!.Value);
        Assert.NotEmpty(report.Processor);
        var cpu = Assert.Single(report.Devices, device => device.Id == LocalMachine.Cpu);
        Assert.Equal(7, cpu.RunId);
        Assert.True(cpu.CanTrain);
    }

    [Fact]
    public void Name_AfterTheHostGotAnother_StaysAsItWas()
    {
        using var folder = new TemporaryFolder();
        var options = Options.Create(new DashboardOptions { DataRoot = folder.Path });
        Assert.Equal(Environment.MachineName, new LocalMachine(options).Name);

        File.WriteAllText(folder.In("machine.txt"), "an older name\n");

        Assert.Equal("an older name", new LocalMachine(options).Name);
    }

    [Fact]
    public void Device_OccupiedAndReleased_IsFreeForTheNextRun()
    {
        using var folder = new TemporaryFolder();
        var machine = new LocalMachine(Options.Create(new DashboardOptions { DataRoot = folder.Path }));
        machine.Occupy(LocalMachine.Cpu, new AttemptId(1, 1));
        Assert.Null(machine.FreeDevice);

        machine.Release(LocalMachine.Cpu, new AttemptId(2, 1));
        Assert.Null(machine.FreeDevice);

        machine.Release(LocalMachine.Cpu, new AttemptId(1, 1));
        Assert.Equal(LocalMachine.Cpu, machine.FreeDevice);
    }
}
