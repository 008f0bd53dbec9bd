using Training.Core.Data;
using static TorchSharp.torch;

namespace Training.Core.Engine;

/// <summary>Photos through the whole network, every epoch anew.</summary>
internal sealed class ImagePass : ITrainingPass
{
    private readonly SessionParts _parts;
    private readonly BatchLoader _train;
    private readonly BatchLoader _val;

    public ImagePass(SessionParts parts)
    {
        _parts = parts;
        _train = new BatchLoader(parts.Loader(Split.Train, parts.Recipe.BatchSize));
        _val = new BatchLoader(parts.Loader(Split.Val, Evaluator.BatchSize));
        // A batch norm can't learn from a single value per channel, and one image tells little anyway.
        var rest = parts.Train.Count % parts.Recipe.BatchSize;
        StepsPerEpoch = parts.Train.Count / parts.Recipe.BatchSize + (rest > 1 || parts.Train.Count == 1 ? 1 : 0);
    }

    public int StepsPerEpoch { get; }

    public IEnumerable<TrainingBatch> Batches(int epoch, int skip, CancellationToken stop)
    {
        _parts.Network.SetTraining(true, _parts.FreezeBatchNorm);
        foreach (var batch in _train.Read(epoch, skip, stop))
            yield return new TrainingBatch(batch.Count, () => (Logits(batch), ImageTensor.Labels(batch.Samples, _parts.Device)));
    }

    public Evaluation Evaluate(CancellationToken stop) =>
        Evaluator.Run(_parts.Network, _val, _parts.Recipe.ImageSize, _parts.Device, stop);

    public void Dispose()
    {
        _train.Dispose();
        _val.Dispose();
    }

    private Tensor Logits(Batch batch)
    {
        var images = ImageTensor.Of(batch, _parts.Recipe.ImageSize, _parts.Device);
        return _parts.Network.call(images);
    }
}
