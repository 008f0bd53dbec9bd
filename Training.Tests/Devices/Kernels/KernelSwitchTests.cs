using System.Diagnostics;
using System.Globalization;
using System.Runtime.Intrinsics.X86;
using Dashboard.Processes;
using Training.Core.Devices.Kernels;
using Training.Core.Recipes;
using Training.Core.Runs;
using Training.Tests.Engine;
using Training.Tests.TestKit;

namespace Training.Tests.Devices.Kernels;

public sealed class KernelSwitchTests : IDisposable
{
    /// <summary>
    /// Where all kernels meet libgomp; the runtime writes down each method that it compiles, so what isn't there never ran.
    /// </summary>
    private const string Team = "Kernels.OpenMpTeam:Run", Work = "Kernels.OpenMpTeam:Take";

    private readonly TinyPhotos _photos = new();
    private readonly TemporaryFolder _folder = new();

    public void Dispose()
    {
        _photos.Dispose();
        _folder.Dispose();
    }

    [SkippableFact]
    public async Task Training_WithTheKernelsOff_NeverRunsThemAndGetsTheSameLosses()
    {
        Skip.IfNot(Avx2.IsSupported && Fma.IsSupported, "This processor has no AVX2.");

        var (with, methodsWith) = await TrainAsync("with", kernels: true);
        var (without, methodsWithout) = await TrainAsync("without", kernels: false);

        Assert.Contains(Team, methodsWith, StringComparison.Ordinal);
        Assert.Contains(Work, methodsWith, StringComparison.Ordinal);
        Assert.Contains("Backbones.Convolution:forward", methodsWithout, StringComparison.Ordinal);
        Assert.DoesNotContain(Team, methodsWithout, StringComparison.Ordinal);
        Assert.DoesNotContain(Work, methodsWithout, StringComparison.Ordinal);
        Assert.Equal(with.Count, without.Count);
        Assert.NotEmpty(with);
        // The same sums, rounded in another order.
        Assert.All(with.Zip(without), pair => Assert.Equal(pair.First, pair.Second, tolerance: 0.01 * Math.Abs(pair.First)));
    }

    [Theory]
    [InlineData("off", true)]
    [InlineData(" OFF", true)]
    [InlineData("false", true)]
    [InlineData("0", true)]
    [InlineData("on", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void Forbids_OnlyWhatSaysSo(string? value, bool expected) => Assert.Equal(expected, KernelSwitch.Forbids(value));

    /// <returns>The losses of all epochs in training and validation, and the methods that were compiled.</returns>
    private async Task<(IReadOnlyList<double> Losses, string Methods)> TrainAsync(string name, bool kernels)
    {
        var run = new RunFolder(Directory.CreateDirectory(_folder.In(name)).FullName);
        run.Write(SessionRun.Scratch with { Backbone = "resnet18", Epochs = 2, Optimizer = OptimizerKind.Sgd }, _photos.Manifest);
        var start = OwnExecutable.Start("resume", ["--json", "--run", run.Path], kernels);
        if (kernels) start.Environment.Remove(KernelSwitch.Variable);
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        start.Environment["OMP_NUM_THREADS"] = "2";
        (start.Environment["DOTNET_JitStdOutFile"], start.Environment["DOTNET_JitDisasmSummary"]) = (_folder.In(name + ".txt"), "1");
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, await errors);
        return ([.. File.ReadLines(run.Metrics).Skip(1).SelectMany(line => line.Split(',')[2..4])
            .Select(number => double.Parse(number, CultureInfo.InvariantCulture))],
            await File.ReadAllTextAsync(_folder.In(name + ".txt")));
    }
}
