using System.Diagnostics;
using Dashboard.Processes;
using Training.Core.Data;
using Training.Core.Engine;
using Training.Core.Recipes;
using Training.Core.Runs;

namespace Dashboard.Terminal.Benchmarks;

/// <summary>Times a process of this program from its launch to its first training step.</summary>
internal static class StartBenchmark
{
    public const string Child = "first-step";

    private const string Word = "first step";

    public static double Run(Recipe recipe, DatasetManifest manifest)
    {
        var folder = Directory.CreateTempSubdirectory("bench-");
        try
        {
            new RunFolder(folder.FullName).Write(recipe, manifest);
            // The first one warms the file caches.
            Launch(folder.FullName);
            return Launch(folder.FullName);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>The other side of <see cref="Run"/>: says when the step is done, and leaves at once.</summary>
    public static int TrainOneStep(string path, CancellationToken cancellationToken)
    {
        var folder = new RunFolder(path);
        var sink = new FirstStepSink();
        using var session = new TrainingSession(new TrainingRequest
        {
            Recipe = folder.ReadRecipe(), Manifest = DatasetManifest.Load(folder.Manifest), Folder = folder, Events = sink,
            CacheFolder = path,
        });
        try
        {
            var ended = session.Run(cancellationToken);
            Console.Error.WriteLine(ended.Reason);
            return ExitCode.Failed;
        }
        catch (RunSinkException)
        {
            return ExitCode.Done;
        }
    }

    private static double Launch(string folder)
    {
        var watch = Stopwatch.StartNew();
        using var process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, [.. Own(), BenchVerb.Name, Child, folder])
        {
            RedirectStandardOutput = true,
        }) ?? throw new InvalidOperationException("The process did not start.");
        var line = process.StandardOutput.ReadLine();
        var seconds = watch.Elapsed.TotalSeconds;
        process.WaitForExit();
        return line == Word ? seconds : throw new InvalidOperationException("The first step was not reached; see above.");
    }

    /// <summary>Started by <c>dotnet Dashboard.dll</c>, the process is dotnet and needs the program's file first.</summary>
    private static string[] Own() =>
        Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? [Environment.GetCommandLineArgs()[0]] : [];

    private sealed class FirstStepSink : IRunEventSink
    {
        public void Report(RunEvent runEvent)
        {
            if (runEvent is not StepCompleted) return;
            Console.Out.WriteLine(Word);
            throw new RunSinkException("Enough.", new OperationCanceledException());
        }
    }
}
