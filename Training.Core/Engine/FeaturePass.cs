using Training.Core.Data;
using static TorchSharp.torch;

namespace Training.Core.Engine;

/// <summary>
/// A frozen backbone gives the same features in every epoch when nothing is augmented: they are computed once, and an epoch of the
/// head then takes milliseconds.
/// </summary>
internal sealed class FeaturePass : ITrainingPass
{
    private readonly SessionParts _parts;
    private readonly Tensor _train;
    private readonly Tensor _trainLabels;
    private readonly Tensor _val;

    /// <summary>Runs the backbone over all samples; its tensors live in the caller's dispose scope.</summary>
    public FeaturePass(SessionParts parts, Action<int> progress, CancellationToken stop)
    {
        _parts = parts;
        _train = Compute(Split.Train, progress, stop);
        _trainLabels = ImageTensor.Labels(parts.Train, parts.Device);
        _val = Compute(Split.Val, done => progress(parts.Train.Count + done), stop);
        StepsPerEpoch = (parts.Train.Count + parts.Recipe.BatchSize - 1) / parts.Recipe.BatchSize;
    }

    public int StepsPerEpoch { get; }

    public IEnumerable<TrainingBatch> Batches(int epoch, int skip, CancellationToken stop)
    {
        _parts.Network.SetTraining(true, freezeBatchNorm: true);
        var order = Order(epoch);
        foreach (var indexes in order.Chunk(_parts.Recipe.BatchSize).Skip(skip))
        {
            yield return new TrainingBatch(indexes.Length, () =>
            {
                var rows = tensor(indexes, device: _parts.Device.Device);
                return (_parts.Network.Classify(_train.index_select(0, rows)), _trainLabels.index_select(0, rows));
            });
        }
    }

    public Evaluation Evaluate(CancellationToken stop)
    {
        _parts.Network.SetTraining(false, freezeBatchNorm: false);
        using var noGradient = no_grad();
        var predictions = new List<Predictions.Prediction>();
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
        _train.Dispose();
        _trainLabels.Dispose();
        _val.Dispose();
    }

    private Tensor Compute(Split split, Action<int> progress, CancellationToken stop)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var loader = new BatchLoader(_parts.Loader(split, Evaluator.BatchSize) with { CacheBytes = 0 });
        _parts.Network.SetTraining(false, freezeBatchNorm: false);
        var features = new List<Tensor>();
        var done = 0;
        foreach (var batch in loader.Read(epoch: 0, stop))
        {
            stop.ThrowIfCancellationRequested();
            using var step = NewDisposeScope();
            var images = ImageTensor.Of(batch, _parts.Recipe.ImageSize, _parts.Device);
            features.Add(_parts.Network.Features(images).MoveToOuterDisposeScope());
            progress(done += batch.Count);
        }
        return cat(features).MoveToOuterDisposeScope();
    }

    private long[] Order(int epoch)
    {
        var order = Enumerable.Range(0, _parts.Train.Count).Select(index => (long)index).ToArray();
        new SplitMix64(_parts.Recipe.Seed, epoch, item: -1).Shuffle<long>(order);
        return order;
    }
}
