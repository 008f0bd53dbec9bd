using Dashboard.Dispatch;
using Dashboard.Machines.Devices;
using Dashboard.Processes;
using Dashboard.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Training.Core.Recipes;
using Training.Tests.Dispatch.Trainers;
using Training.Tests.TestKit;

namespace Training.Tests.Dispatch;

public sealed class SpeedMeasurementTests : IAsyncLifetime
{
    private readonly DashboardApp _app = new();
    private SpeedMeasurement _measurement = null!;

    private MachineSpeeds Speeds => _app.Get<MachineSpeeds>();

    public Task InitializeAsync()
    {
        _measurement = new SpeedMeasurement(
            _app.Get<LocalMachine>(), Speeds, _app.Get<MachineLoad>(), _app.Get<Guard>(),
            Options.Create(new DashboardOptions { DataRoot = _app.DataRoot, TrainHere = true }), _app.Get<IHostApplicationLifetime>(),
            TimeProvider.System, NullLogger<SpeedMeasurement>.Instance);
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await _measurement.StopAsync(default);
        _measurement.Dispose();
        await _app.DisposeAsync();
    }

    [Fact]
    public async Task Ask_Twice_IsRefusedTheSecondTime()
    {
        var first = await _measurement.AskAsync(default);
        var second = await _measurement.AskAsync(default);

        Assert.True(first.IsDone);
        Assert.True(_measurement.IsUnderWay);
        Assert.Contains("being measured already", second.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ask_WhileARunTrains_IsRefusedWithWords()
    {
        await TrainerStory.AddRunAsync(_app);
        await _app.Runs.TakeNextAsync("box", "hash");

        var answer = await _measurement.AskAsync(default);

        Assert.StartsWith("A run trains or waits", answer.Problem, StringComparison.Ordinal);
        Assert.False(_measurement.IsUnderWay);
    }

    [Fact]
    public async Task Ask_OfADashboardThatDoesntTrain_IsRefused() =>
        Assert.Contains("TrainHere", (await _app.Get<SpeedMeasurement>().AskAsync(default)).Problem, StringComparison.Ordinal);

    [Fact]
    public async Task Ask_OfAMachineThatIsKnown_MeasuresItAnew()
    {
        var machine = _app.Get<LocalMachine>().Name;
        Speeds.Set(machine, new MeasuredSpeed(
            new MachineSpeed(1, 1, 1), SystemFiles.ReadProcessor(), _measurement.Version, DateTimeOffset.UnixEpoch));
        await _measurement.StartAsync(default);

        await _measurement.AskAsync(default);

        await Eventually.TrueAsync(
            () => Speeds.Measured(machine)!.At > DateTimeOffset.UnixEpoch && !_measurement.IsUnderWay, "the machine is measured anew");
    }
}
