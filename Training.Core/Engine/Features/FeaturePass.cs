using Training.Core.Data;
using Training.Core.Engine.Losses;
using Training.Core.Metrics.Predictions;
using Training.Core.Recipes;
using static TorchSharp.torch;

namespace Training.Core.Engine.Features;

/// <summary>
/// A frozen backbone gives the same features of an image in every epoch: they are computed once, and an epoch of the head then takes
/// milliseconds. Of augmented images a few views are computed, which the epochs take in turn.
/// </summary>
internal sealed class FeaturePass : ITrainingPass
{
    private readonly SessionParts _parts;
    private readonly int _views;
    private readonly Tensor _train;
    private readonly Tensor _trainLabels;
    private readonly Tensor _val;
    private readonly int _threads = get_num_threads();

    /// <summary>Features of all samples; its tensors live in the caller's dispose scope.</summary>
    public FeaturePass(SessionParts parts, FeatureReader reader)
    {
        _parts = parts;
        _views = parts.Recipe.Changes().IsNone ? 1 : Recipe.AugmentedViews;
        _train = reader.Read(Split.Train, _views);
        _trainLabels = ImageTensor.Labels(parts.Train, parts.Device);
        _val = reader.Read(Split.Val, views: 1);
        StepsPerEpoch = (parts.Train.Count + parts.Recipe.BatchSize - 1) / parts.Recipe.BatchSize;
        // A head's step takes a fraction of a millisecond: several threads would mostly wait for each other, and for a slice of time where
        // anything else runs.
        if (parts.Device.IsCpu) set_num_threads(1);
    }

    public int StepsPerEpoch { get; }

    public IEnumerable<TrainingBatch> Batches(int epoch, int skip, CancellationToken cancellationToken)
    {
        _parts.Network.SetTraining(true, freezeBatchNorm: true);
        var order = Order(epoch);
        // Each epoch looks at another view; they come round again.
        var firstRow = (epoch - 1) % _views * _parts.Train.Count;
        foreach (var indexes in order.Chunk(_parts.Recipe.BatchSize).Skip(skip))
        {
            yield return new TrainingBatch(indexes.Length, () =>
            {
                var samples = tensor(indexes, device: _parts.Device.Device);
                return (_train.index_select(0, samples + firstRow), new Targets(_trainLabels.index_select(0, samples)));
            }, _parts.Network.Classify);
        }
    }

    public Evaluation Evaluate(CancellationToken cancellationToken)
    {
        _parts.Network.SetTraining(false, freezeBatchNorm: false);
        using var noGradient = no_grad();
        var predictions = new List<Prediction>();
        // In the evaluator's batches: the saved model has to give the same numbers bit by bit.
        foreach (var samples in _parts.Val.Chunk(Evaluator.BatchSize))
        {
            using var scope = NewDisposeScope();
            var rows = _val.narrow(0, predictions.Count, samples.Length);
            predictions.AddRange(Evaluator.Predict(_parts.Network.Classify(rows), samples));
        }
        return Evaluation.Of(predictions);
    }

    public void Dispose()
    {
        if (_parts.Device.IsCpu) set_num_threads(_threads);
        _train.Dispose();
        _trainLabels.Dispose();
        _val.Dispose();
    }

    private long[] Order(int epoch)
    {
        var recipe = _parts.Recipe;
        return Array.ConvertAll(SampleOrder.Of(_parts.Train, recipe.ClassBalance, recipe.Seed, epoch), index => (long)index);
    }
}
