using Dashboard.Dispatch;
using Dashboard.Machines.Devices;
using Dashboard.Storage;
using Microsoft.Extensions.Options;
using Training.Core.Recipes;
using Training.Tests.TestKit;

namespace Training.Tests.Machines.Devices;

public sealed class MachineSpeedsTests : IDisposable
{
    private static readonly MachineSpeed Speed = new(32.7, 104, 1500);
    private readonly TemporaryFolder _folder = new();

    private IOptions<DashboardOptions> Options =>
        Microsoft.Extensions.Options.Options.Create(new DashboardOptions { DataRoot = _folder.Path });

    [Fact]
    public void Speed_NeverMeasured_IsUnknown() => Assert.Null(Open().Get("laptop"));

    [Fact]
    public void Speed_MeasuredBeforeARestart_IsStillThere()
    {
        var name = new LocalMachine(Options).Name;
        Open().Set(name, new MeasuredSpeed(Speed, "CPU A", "1", DateTimeOffset.UnixEpoch));

        Assert.Equal(Speed, Open().Get(name));
        Assert.Equal(Speed, Open().Get(Recipe.AnyMachine));
        Assert.True(Open().IsKnown(name, "CPU A", "1"));
        Assert.False(Open().IsKnown(name, "CPU B", "1"));
        Assert.False(Open().IsKnown(name, "CPU A", "2"));
    }

    [Fact]
    public void Speed_MeasuredUnderLoad_IsUsedButMeasuredAgain()
    {
        var name = new LocalMachine(Options).Name;
        Open().Set(name, new MeasuredSpeed(Speed, "CPU A", "1", DateTimeOffset.UnixEpoch, UnderLoad: true));

        Assert.Equal(Speed, Open().Get(name));
        Assert.False(Open().IsKnown(name, "CPU A", "1"));
    }

    [Fact]
    public void Speed_FileIsDamaged_IsMeasuredAgain()
    {
        Directory.CreateDirectory(Options.Value.CacheFolder);
        File.WriteAllText(Path.Combine(Options.Value.CacheFolder, "speeds.json"), "{ torn");

        Assert.Null(Open().Get(Recipe.AnyMachine));
    }

    [Theory]
    [InlineData("some library says hello\n{\"train\":10.5,\"evaluate\":20,\"decode\":300}\n", 10.5)]
    [InlineData("no json", null)]
    [InlineData("", null)]
    public void Output_OfTheMeasurement_IsItsLastLine(string output, double? train) =>
        Assert.Equal(train, SpeedMeasurement.Parse(output)?.Train);

    public void Dispose() => _folder.Dispose();

    private MachineSpeeds Open() => new(new LocalMachine(Options), Options);
}
