using System.Diagnostics;
using Dashboard.Processes;
using Training.Core.Data;
using Training.Core.Recipes;
using Training.Core.Runs;
using Training.Tests.Engine;
using Training.Tests.TestKit;
using Xunit.Abstractions;

namespace Training.Tests.Terminal;

/// <summary>
/// At least twenty runs in processes of their own are killed (SIGKILL) at random moments: in the middle of a step, of a checkpoint, of an
/// export. The same runs without a kill are what they are compared with.
/// </summary>
[TakesLong]
public sealed class KilledRunsTests(ITestOutputHelper output) : IDisposable
{
    private const int Wanted = 20;

    /// <summary>One or the other is done before its kill comes.</summary>
    private const int RunCount = Wanted + 2;

    private readonly TinyPhotos _photos = new();
    private readonly TemporaryFolder _undisturbed = new();
    private readonly TemporaryFolder _killed = new();

    public void Dispose()
    {
        _killed.Dispose();
        _undisturbed.Dispose();
        _photos.Dispose();
    }

    [Fact]
    public async Task Resume_OfRunsKilledAtRandomMoments_EndsBitForBitAsIfUndisturbed()
    {
        var expected = Write(_undisturbed);
        var runs = Write(_killed);
        // At the same time: on one thread each they don't get into each other's way.
        using var whole = Resume(expected);
        var undisturbed = whole.StandardOutput.ReadToEndAsync();

        var random = new Random(20);
        var hit = new HashSet<int>();
        var kills = 0;
        while (runs.Any(run => !IsComplete(run)))
        {
            var left = Enumerable.Range(0, RunCount).Where(run => !IsComplete(runs[run])).ToList();
            using var process = Resume([.. left.Select(run => runs[run])]);
            if (hit.Contains(left[0]) && left.Count == 1)
            {
                await process.WaitForExitAsync();
                continue;
            }
            // The first that has not been hit yet, after none to all but one of its epochs, and then within about an epoch.
            var target = left.First(run => left.Count == 1 || !hit.Contains(run));
            await SeeAsync(process, left.IndexOf(target), random.Next(0, Recipe(target).Epochs));
            await Task.Delay(random.Next(0, 200));
            process.Kill();
            await process.WaitForExitAsync();
            kills++;
            hit.Add(left.Find(run => !IsComplete(runs[run])));
        }

        await undisturbed;
        await whole.WaitForExitAsync();
        Assert.All(expected, run => Assert.True(IsComplete(run), $"{run.Path} did not complete."));
        output.WriteLine($"{kills} kills hit {hit.Count} of {RunCount} runs.");
        Assert.True(hit.Count >= Wanted, $"Only {hit.Count} runs were hit.");
        for (var run = 0; run < RunCount; run++)
        {
            Assert.Equal(Numbers(expected[run]), Numbers(runs[run]));
            Assert.Equal(File.ReadAllBytes(expected[run].BestModel), File.ReadAllBytes(runs[run].BestModel));
            // What the last epoch's network said of every image.
            var last = Recipe(run).Epochs;
            Assert.Equal(File.ReadAllBytes(expected[run].Predictions(last)), File.ReadAllBytes(runs[run].Predictions(last)));
        }
    }

    private static Recipe Recipe(int run) => SessionRun.Scratch with
    {
        Backbone = run % 11 == 0 ? "resnet18" : "mobilenet_v3_small",
        Epochs = 3,
        Seed = run,
        Optimizer = (OptimizerKind)(run % 3),
        EmaDecay = run % 5 == 0 ? 0.9 : 0,
        Augmentation = run % 2 == 0 ? AugmentationKind.CropAndFlip : AugmentationKind.Trivial,
        EarlyStopPatience = 0,
    };

    private List<RunFolder> Write(TemporaryFolder parent)
    {
        var folders = Enumerable.Range(0, RunCount).Select(run => new RunFolder(parent.In($"run{run:D2}"))).ToList();
        for (var run = 0; run < RunCount; run++)
        {
            Directory.CreateDirectory(folders[run].Path);
            folders[run].Write(Recipe(run), _photos.Manifest);
        }
        return folders;
    }

    private static Process Resume(IEnumerable<RunFolder> runs)
    {
        var start = OwnExecutable.Start("resume", ["--json", .. runs.SelectMany(run => (string[])["--run", run.Path])]);
        start.RedirectStandardOutput = true;
        // Steps of milliseconds only wait for a second thread.
        start.Environment["OMP_NUM_THREADS"] = "1";
        return Process.Start(start)!;
    }

    /// <summary>Reads until so many runs have ended and the next has so many epochs; or until the process ends.</summary>
    private static async Task SeeAsync(Process process, int runs, int epochs)
    {
        while ((runs > 0 || epochs > 0) && await process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.Contains("\"outcome\"", StringComparison.Ordinal)) runs--;
            else if (runs == 0) epochs--;
        }
    }

    private static bool IsComplete(RunFolder run) => File.Exists(run.BestModel) && !File.Exists(run.Checkpoint);

    /// <summary>Epoch, step, losses and accuracies of every epoch, without times.</summary>
    private static List<string> Numbers(RunFolder run) =>
        [.. File.ReadLines(run.Metrics).Select(line => string.Join(',', line.Split(',')[..5]))];
}
