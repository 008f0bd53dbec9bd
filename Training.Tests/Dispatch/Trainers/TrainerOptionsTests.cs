using Dashboard.Dispatch.Trainers;
using Dashboard.Processes;

namespace Training.Tests.Dispatch.Trainers;

public sealed class TrainerOptionsTests
{
    private static readonly TrainerOptions Options = new()
    {
        RunFolder = "/data/runs/7 사진", RunId = 7, Attempt = 2, Server = new Uri("http://127.0.0.1:5080/"), Device = "cuda:1",
            WeightsFolder = "/data/weights", CacheFolder = "/data/cache", LibtorchFolder = "/opt/libtorch",
    };

    [Fact]
    public void Arguments_WrittenAndRead_AreTheSame() =>
        Assert.Equal(Options, TrainerOptions.Parse([.. Options.ToArguments()]));

    [Theory]
    [InlineData("--run-folder")]
    [InlineData("--run")]
    [InlineData("--attempt")]
    [InlineData("--server")]
    public void Arguments_OneMissing_TheMessageNamesIt(string missing)
    {
        var arguments = Options.ToArguments().ToList();
        arguments.RemoveRange(arguments.IndexOf(missing), 2);

        Assert.Contains(missing, Assert.Throws<StartException>(() => TrainerOptions.Parse(arguments)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Process_OfTheSameAttempt_IsRecognised()
    {
        string[] process = ["/usr/bin/dotnet", "exec", "Dashboard.dll", "trainer", .. Options.ToArguments()];

        Assert.True(Options.AreThoseOf(process));
        Assert.False((Options with { Attempt = 3 }).AreThoseOf(process));
        Assert.False((Options with { RunFolder = "/other/7" }).AreThoseOf(process));
        Assert.False(Options.AreThoseOf(["cat", .. Options.ToArguments()]));
        Assert.Equal("cuda:1", TrainerOptions.DeviceOf(process));
    }
}
