using System.Globalization;
using System.Text.Json;
using Spectre.Console;
using Training.Core.Data;
using Training.Core.Metrics;
using Training.Core.Runs;

namespace Dashboard.Terminal.Output;

/// <summary>Shows a run in the terminal while it trains.</summary>
internal interface IRunProgress : IRunEventSink, IDisposable
{
    void Finish(Ended ended);
}

/// <summary>One JSON line per epoch on stdout, and a last one with the outcome.</summary>
internal sealed class JsonProgress(RunFolder folder, DatasetManifest manifest) : IRunProgress
{
    private readonly Measured _measured = new(manifest);

    public void Report(RunEvent runEvent)
    {
        if (runEvent is EpochCompleted epoch)
        {
            Print(new
            {
                epoch.Epoch,
                epoch.TrainLoss,
                epoch.ValLoss,
                epoch.ValAccuracy,
                ValAccuracyInterval = _measured.Interval(epoch.ValAccuracy),
                epoch.IsBest,
                epoch.TrainImagesPerSecond,
                epoch.ValImagesPerSecond,
                epoch.Seconds,
            });
        }
        else if (runEvent is Logged { Level: not RunLogLevel.Information } logged)
        {
            Console.Error.WriteLine(logged.Text);
        }
    }

    public void Finish(Ended ended) => Print(new
    {
        ended.Outcome,
        ended.Reason,
        ended.BestEpoch,
        ValAccuracy = ended.BestValAccuracy,
        ValAccuracyInterval = _measured.Interval(ended.BestValAccuracy),
        ValImages = _measured.Images,
        NotMeasured = _measured.Coverage.Never,
        ended.Seconds,
        Files = RunFileWords.Of(folder),
    });

    public void Dispose()
    {
    }

    private static void Print(object line) => Console.Out.WriteLine(JsonSerializer.Serialize(line, CoreJson.Figures));
}

/// <summary>What an accuracy of a run is counted on.</summary>
internal sealed class Measured(DatasetManifest manifest)
{
    public int Images { get; } = manifest.Samples.Count(sample => sample.Split == Split.Val);

    public Coverage Coverage { get; } = Coverage.Of(manifest);

    public WilsonInterval? Interval(double? accuracy) => WilsonInterval.Of(accuracy, Images);
}

/// <summary>A bar with the step, rate and loss, and a table row per epoch.</summary>
internal sealed class BarProgress : IRunProgress
{
    private readonly RunFolder _folder;
    private readonly Measured _measured;
    private readonly TaskCompletionSource _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _shown;
    private ProgressTask? _bar;
    private int _stepsTotal = 1;

    public BarProgress(RunFolder folder, DatasetManifest manifest)
    {
        (_folder, _measured) = (folder, new Measured(manifest));
        using var ready = new ManualResetEventSlim();
        _shown = Task.Run(() => AnsiConsole.Progress()
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(),
                new RemainingTimeColumn())
            .StartAsync(async context =>
            {
                _bar = context.AddTask("Starting");
                ready.Set();
                await _finished.Task;
            }));
        ready.Wait();
    }

    public void Report(RunEvent runEvent)
    {
        switch (runEvent)
        {
            case PhaseStarted phase:
                Show(phase.Text, phase.Fraction ?? 0);
                break;
            case TrainingStarted started:
                _stepsTotal = started.Epochs * started.StepsPerEpoch;
                break;
            case StepCompleted step:
                Show(string.Create(CultureInfo.InvariantCulture, $"Epoch {step.Epoch}  loss {step.Loss:F4}  {step.ImagesPerSecond:F0} "
                    + $"images/s"), (double)step.Step / _stepsTotal);
                break;
            case EpochCompleted epoch:
                AnsiConsole.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"Epoch {epoch.Epoch,3}  train loss {epoch.TrainLoss:F4}  val loss {epoch.ValLoss:F4}  val accuracy "
                        + $"{Percent.Of(epoch.ValAccuracy, 2),8}  {epoch.Seconds:F1} s{(epoch.IsBest ? "  best" : "")}"));
                break;
            case Logged { Level: not RunLogLevel.Information } logged:
                AnsiConsole.WriteLine(logged.Text);
                break;
        }
    }

    public void Finish(Ended ended)
    {
        Dispose();
        AnsiConsole.WriteLine($"{ended.Outcome}: {ended.Reason}");
        if (ended.BestValAccuracy is { } best && _measured.Interval(best) is { } interval)
            AnsiConsole.WriteLine(
                $"Best accuracy: {Percent.Of(best, 2)} of {_measured.Images} validation images; the true one lies within "
                    + $"{Percent.Of(interval)} with 95 % certainty.");
        var table = new Table().AddColumns("File", "What it is");
        foreach (var file in RunFileWords.Of(_folder))
            table.AddRow(new Text(file), new Text(RunFileWords.Describe(Path.GetFileName(file))));
        AnsiConsole.Write(table);
    }

    public void Dispose()
    {
        _finished.TrySetResult();
        _shown.GetAwaiter().GetResult();
    }

    private void Show(string text, double fraction)
    {
        if (_bar is not { } bar) return;
        bar.Description = text.EscapeMarkup();
        bar.Value = fraction * bar.MaxValue;
    }
}

/// <summary>The files of a run that are worth naming.</summary>
internal static class RunFileWords
{
    public static IReadOnlyList<string> Of(RunFolder folder) =>
        [.. new[] { folder.BestModel, folder.Onnx, folder.Safetensors, folder.Classes, folder.Recipe, folder.Metrics }.Where(File.Exists),
         .. Predictions(folder)];

    private static IEnumerable<string> Predictions(RunFolder folder) => Directory.Exists(folder.PredictionsFolder)
        ? Directory.EnumerateFiles(folder.PredictionsFolder).Order(StringComparer.Ordinal)
        : [];

    public static string Describe(string name) => name switch
    {
        "best_model.pth" => "the best epoch's weights, a state dict for PyTorch",
        "model.onnx" => "the same model for ONNX Runtime",
        "model.safetensors" => "the same weights as safetensors",
        "classes.json" => "class names and preprocessing",
        "recipe.json" => "all settings of this run",
        "metrics.csv" => "losses and accuracy of every epoch",
        _ => "predictions of one epoch (Parquet)",
    };
}
