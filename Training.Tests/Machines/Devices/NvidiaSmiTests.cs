using System.Globalization;
using Dashboard.Machines.Devices;
using Dashboard.Processes;
using Training.Tests.TestKit;

namespace Training.Tests.Machines.Devices;

public sealed class NvidiaSmiTests
{
    private const long Mebibyte = 1 << 20;

    [Fact]
    public void Output_OfTwoGpus_IsRead()
    {
        var gpus = NvidiaSmi.Parse("0, NVIDIA GeForce RTX 4090, 93, 5222, 24564\n1, NVIDIA H100 80GB HBM3, 0, 1, 81559\n");

        Assert.Equal(new Gpu(0, "NVIDIA GeForce RTX 4090", 0.93, 5222 * Mebibyte, 24564 * Mebibyte), gpus[0]);
        Assert.Equal("cuda:1", gpus[1].Id);
        Assert.Equal(0, gpus[1].Load);
    }

    [Theory]
    [InlineData("0, Tesla K80, [N/A], [N/A], 11441")]
    [InlineData("0, Tesla K80, [Not Supported], [Unknown Error], 11441")]
    public void Output_ValueNotTold_IsUnknownNotZero(string line)
    {
        var gpu = Assert.Single(NvidiaSmi.Parse(line));

        Assert.Null(gpu.Load);
        Assert.Null(gpu.MemoryUsed);
        Assert.Equal(11441 * Mebibyte, gpu.MemoryTotal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("No devices were found\n")]
    [InlineData("NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.")]
    [InlineData("index, name, utilization.gpu [%], memory.used [MiB], memory.total [MiB]")]
    public void Output_NoGpus_IsEmpty(string output) => Assert.Empty(NvidiaSmi.Parse(output));

    [Fact]
    public void Output_CommaInAName_StaysInTheName() =>
        Assert.Equal("NVIDIA X, Y", Assert.Single(NvidiaSmi.Parse("3, NVIDIA X, Y, 5, 10, 20\r\n")).Name);

    [Fact]
    public async Task Tool_ThatAnswers_IsRead()
    {
        using var folder = new TemporaryFolder();

        var gpu = Assert.Single(await Of(folder, "echo '0, NVIDIA RTX, 93, 5222, 24564'").QueryAsync(CancellationToken.None));

        Assert.Equal("NVIDIA RTX", gpu.Name);
    }

    [Fact]
    public async Task Tool_ThatKnowsNoGpu_IsNoFailure()
    {
        using var folder = new TemporaryFolder();

        Assert.Empty(await Of(folder, "echo No devices were found; exit 6").QueryAsync(CancellationToken.None));
        Assert.Empty(await new NvidiaSmi(null, Patience).QueryAsync(CancellationToken.None));
    }

    [Fact]
    public async Task Tool_ThatIsBroken_SaysHow()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.In("no-program"), "\u0001 not a program");

        var failed = await Assert.ThrowsAsync<NvidiaSmiException>(() =>
            Of(folder, "echo 'Driver/library version mismatch' >&2; exit 18").QueryAsync(CancellationToken.None));
        var unstartable = await Assert.ThrowsAsync<NvidiaSmiException>(() =>
            new NvidiaSmi(folder.In("no-program"), Patience).QueryAsync(CancellationToken.None));

        Assert.Contains("exit code 18: Driver/library version mismatch", failed.Message, StringComparison.Ordinal);
        Assert.Contains("could not be started", unstartable.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tool_ThatHangs_IsEndedWithWhatItStarted()
    {
        using var folder = new TemporaryFolder();
        var tool = new NvidiaSmi(Script(folder, $"echo $$ >'{folder.In("own")}'; sleep 600 & echo $! >'{folder.In("child")}'; wait"),
            TimeSpan.FromSeconds(1));

        var hung = await Assert.ThrowsAsync<NvidiaSmiException>(() => tool.QueryAsync(CancellationToken.None));

        Assert.Contains("has not answered within 1 seconds and was ended", hung.Message, StringComparison.Ordinal);
        foreach (var name in (string[])["own", "child"])
        {
            var id = int.Parse(await File.ReadAllTextAsync(folder.In(name)), CultureInfo.InvariantCulture);
            await Eventually.TrueAsync(() => ProcessIdentity.Of(id) is not { IsAlive: true }, $"the {name} process is gone");
        }
        // One that could be ended doesn't keep the next question from being asked.
        await Assert.ThrowsAsync<NvidiaSmiException>(() => tool.QueryAsync(CancellationToken.None));
    }

    [Fact]
    public async Task Tool_WhileTheDashboardCloses_IsNotLeftBehind()
    {
        using var folder = new TemporaryFolder();
        using var cancellation = new CancellationTokenSource();
        var asking = Of(folder, $"echo $$ >'{folder.In("own")}'; exec sleep 600").QueryAsync(cancellation.Token);
        await Eventually.TrueAsync(() => File.Exists(folder.In("own")) && new FileInfo(folder.In("own")).Length > 1, "the tool runs");

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
        var id = int.Parse(await File.ReadAllTextAsync(folder.In("own")), CultureInfo.InvariantCulture);
        await Eventually.TrueAsync(() => ProcessIdentity.Of(id) is not { IsAlive: true }, "the process is gone");
    }

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private static NvidiaSmi Of(TemporaryFolder folder, string script) => new(Script(folder, script), Patience);

    private static string Script(TemporaryFolder folder, string script)
    {
        var path = folder.In("nvidia-smi");
        File.WriteAllText(path, $"#!/bin/sh\n{script}\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.UserWrite);
        return path;
    }
}
