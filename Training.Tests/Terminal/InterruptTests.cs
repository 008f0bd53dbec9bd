using System.Diagnostics;
using Dashboard.Processes;
using Training.Core.Recipes;
using Training.Core.Runs;
using Training.Tests.Engine;
using Training.Tests.TestKit;
using Training.Tests.TestProcesses;

namespace Training.Tests.Terminal;

/// <summary>Ctrl+C in the terminal, on a process of its own.</summary>
public sealed class InterruptTests : IDisposable
{
    private const int Sigint = 2;
    private const int Stopped = 130;

    private readonly TinyPhotos _photos = new();
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task Resume_InterruptedOnce_WritesACheckpointAndSaysHowToGoOn()
    {
        // No epoch but the first writes one by itself within a minute, unless it is a better one.
        var run = Write(epochs: 300);

        using var process = Resume(run);
        await SeeEpochsAsync(process, 3);
        var before = File.GetLastWriteTimeUtc(run.Checkpoint);
        Signal(process);
        var said = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();

        Assert.Equal(Stopped, process.ExitCode);
        Assert.Contains("Stopping after the step under way", said, StringComparison.Ordinal);
        Assert.EndsWith($"Go on from the last checkpoint with: ./run.sh resume --run {run.Path}", said.Trim(), StringComparison.Ordinal);
        Assert.True(File.GetLastWriteTimeUtc(run.Checkpoint) > before);
    }

    [Fact]
    public async Task Resume_InterruptedTwice_WaitsForNothing()
    {
        // Its first step takes several seconds.
        var run = Write(epochs: 3, SessionRun.Scratch with { ImageSize = 512, BatchSize = 16 });

        using var process = Resume(run);
        while (process.TotalProcessorTime < TimeSpan.FromSeconds(3)) await Task.Delay(50);
        Signal(process);
        while (await process.StandardError.ReadLineAsync() is { } line && !line.Contains("Ctrl+C again", StringComparison.Ordinal)) { }
        Signal(process);
        await process.WaitForExitAsync();

        Assert.Equal(Stopped, process.ExitCode);
        Assert.False(File.Exists(run.Checkpoint), "It waited for the step.");
        Assert.Contains("Start it again with: ./run.sh resume", await process.StandardError.ReadToEndAsync(), StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _folder.Dispose();
        _photos.Dispose();
    }

    private RunFolder Write(int epochs, Recipe? recipe = null)
    {
        var run = new RunFolder(_folder.In("run"));
        Directory.CreateDirectory(run.Path);
        recipe ??= SessionRun.Scratch with { Backbone = "mobilenet_v3_small" };
        run.Write(recipe with { Epochs = epochs, EarlyStopPatience = 0 }, _photos.Manifest);
        return run;
    }

    private static Process Resume(RunFolder run)
    {
        var start = OwnExecutable.Start("resume", ["--json", "--run", run.Path]).WithDefaultSignals();
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        return Process.Start(start)!;
    }

    private static async Task SeeEpochsAsync(Process process, int epochs)
    {
        for (; epochs > 0; epochs--) Assert.Contains("\"epoch\"", await process.StandardOutput.ReadLineAsync(), StringComparison.Ordinal);
    }

    private static void Signal(Process process) => ProcessIdentity.Of(process.Id)?.Signal(Sigint);
}
