using Dashboard.Storage;
using Microsoft.Extensions.Options;
using Training.Core.Metrics.Predictions;
using Training.Core.Runs;
using Training.Tests.TestKit;

namespace Training.Tests.Pages.Review;

/// <summary>A run with predictions on disk, made epoch by epoch.</summary>
internal sealed class ReviewRun : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<EpochRow> _epochs = [];

    public ReviewRun(params string[] classes)
    {
        Options = new DashboardOptions { DataRoot = _folder.Path, TrainHere = false, DemoDataset = false };
        Row = new RunRow
        {
            Id = 7, Name = "Trash · transfer", DatasetId = 3, DatasetName = "trash", RecipeJson = "{\"dataset\":\"3\"}",
            Classes = [.. classes], State = RunState.Training, Attempt = 1, Epochs = 10,
        };
    }

    public DashboardOptions Options { get; }

    public RunRow Row { get; }

    /// <summary>A fresh list each time, as the run page hands it over.</summary>
    public IReadOnlyList<EpochRow> Epochs => [.. _epochs];

    public RunFolder Folder => Options.RunFolder(Row.Id);

    public IOptions<DashboardOptions> Settings => Microsoft.Extensions.Options.Options.Create(Options);

    /// <summary>Writes the next epoch.</summary>
    public ReviewRun Epoch(params Prediction[] predictions)
    {
        var epoch = _epochs.Count(each => each.Epoch > 0) + 1;
        Write(epoch, predictions);
        _epochs.Add(new EpochRow { RunId = Row.Id, Epoch = epoch, Step = 10 * epoch,
            ValAccuracy = predictions.Average(p => p.IsRight ? 1.0 : 0) });
        Row.Epoch = epoch;
        return this;
    }

    /// <summary>Epoch 0, before the others.</summary>
    public ReviewRun Head(params Prediction[] predictions)
    {
        Write(0, predictions);
        _epochs.Insert(0, new EpochRow { RunId = Row.Id, Epoch = 0, Step = 0,
            ValAccuracy = predictions.Average(p => p.IsRight ? 1.0 : 0) });
        return this;
    }

    public void Write(int epoch, params Prediction[] predictions)
    {
        Directory.CreateDirectory(Folder.PredictionsFolder);
        PredictionFile.Write(Folder.Predictions(epoch), predictions);
    }

    public ReviewRun End(int best)
    {
        (Row.State, Row.BestEpoch) = (RunState.Completed, best);
        return this;
    }

    /// <summary>The model gave <paramref name="predicted"/> this probability, and the rest to the next class.</summary>
    public static Prediction Seen(int sampleId, int truth, int predicted, float confidence = 0.9f)
    {
        var other = predicted == truth ? truth == 0 ? 1 : 0 : truth;
        var loss = -MathF.Log(predicted == truth ? confidence : 1 - confidence);
        return new Prediction(sampleId, truth, [predicted, other], [confidence, 1 - confidence], loss);
    }

    public void Dispose() => _folder.Dispose();
}
