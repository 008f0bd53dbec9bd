using Training.Core.Backbones;
using Training.Core.Data;
using Training.Core.Engine.Losses;
using Training.Core.Recipes;
using static TorchSharp.torch;

namespace Training.Core.Engine;

/// <summary>Photos through the whole network, every epoch anew.</summary>
internal sealed class ImagePass : ITrainingPass
{
    private readonly SessionParts _parts;
    private readonly BatchLoader _val;
    private (int Size, BatchLoader Loader) _train;
    private int _epoch;

    public ImagePass(SessionParts parts)
    {
        _parts = parts;
        _train = parts.Photos is { } photos
            ? (ProgressiveSize.Of(parts.Recipe, epoch: 1), photos)
            : (parts.Recipe.ImageSize, new BatchLoader(parts.Loader(Split.Train, parts.Recipe.BatchSize)));
        _val = new BatchLoader(parts.Loader(Split.Val, Evaluator.BatchSize));
        // A batch norm can't learn from a single value per channel, and one image tells little anyway.
        var rest = parts.Train.Count % parts.Recipe.BatchSize;
        StepsPerEpoch = parts.Train.Count / parts.Recipe.BatchSize + (rest > 1 || parts.Train.Count == 1 ? 1 : 0);
    }

    public int StepsPerEpoch { get; }

    public IEnumerable<TrainingBatch> Batches(int epoch, int skip, CancellationToken cancellationToken)
    {
        _epoch = epoch;
        _parts.Network.SetTraining(true, _parts.FreezeBatchNorm);
        // A stage that doesn't move keeps its statistics too.
        foreach (var norm in _parts.Network.modules().OfType<BatchNorm>()
            .Where(norm => norm.parameters().All(parameter => !parameter.requires_grad)))
            norm.eval();
        var size = ProgressiveSize.Of(_parts.Recipe, epoch);
        var place = skip;
        var least = LeastRows(size);
        foreach (var batch in Loader(size).Read(epoch, skip, cancellationToken))
        {
            var here = place++;
            yield return new TrainingBatch(batch.Count, () => Load(batch, size, epoch, here), _parts.Network.call, least);
        }
    }

    /// <summary>What <see cref="Recipes.RecipeDatasetRules"/> ask of a recipe's batches holds for parts of them too.</summary>
    private int LeastRows(int size) => !_parts.FreezeBatchNorm && _parts.Backbone.MapSide(size) == 1 ? 2 : 1;

    public Evaluation Evaluate(CancellationToken cancellationToken)
    {
        // Meanwhile the next epoch's first photos are decoded, which its first step would wait for.
        if (_epoch < _parts.Recipe.Epochs) Loader(ProgressiveSize.Of(_parts.Recipe, _epoch + 1)).Begin(_epoch + 1);
        return Evaluator.Run(_parts.Network, _val, _parts.Recipe.ImageSize, _parts.Device, _parts.Recipe.TestTimeFlip, cancellationToken);
    }

    public void Dispose()
    {
        _train.Loader.Dispose();
        _val.Dispose();
    }

    private BatchLoader Loader(int size)
    {
        if (size == _train.Size) return _train.Loader;
        _train.Loader.Dispose();
        _train = (size, new BatchLoader(_parts.Loader(Split.Train, _parts.Recipe.BatchSize) with { ImageSize = size }));
        return _train.Loader;
    }

    private (Tensor Images, Targets Targets) Load(Batch batch, int size, int epoch, int place) => ImageMix.Apply(
        _parts.Recipe, ImageTensor.Of(batch, size, _parts.Device), ImageTensor.Labels(batch.Samples, _parts.Device), epoch, place);
}
