using Training.Core.Engine.Losses;
using static TorchSharp.torch;

namespace Training.Core.Engine;

/// <summary>Where batches come from: photos through the whole network, or features that were computed once.</summary>
internal interface ITrainingPass : IDisposable
{
    int StepsPerEpoch { get; }

    /// <param name="epoch">From 1; with the recipe's seed it determines order and augmentation.</param>
    /// <param name="skip">Batches at the epoch's start that were trained before a resume.</param>
    IEnumerable<TrainingBatch> Batches(int epoch, int skip, CancellationToken cancellationToken);

    Evaluation Evaluate(CancellationToken cancellationToken);
}

/// <param name="Count">Images in the batch.</param>
/// <param name="Load">Images or features (n, …) and what they should be called, made in the caller's dispose scope; the same each time,
/// valid until the next batch.</param>
/// <param name="Forward">From some of these rows to logits (rows, classes) with gradient.</param>
/// <param name="Least">Fewest rows that may be computed alone: a norm that learns needs more than one value per channel.</param>
internal sealed record TrainingBatch(int Count, Func<(Tensor Inputs, Targets Targets)> Load, Func<Tensor, Tensor> Forward, int Least = 1);
