using System.Text.Json;
using Training.Core.Engine.Optimizers;
using Training.Core.Formats;
using Training.Core.Metrics;
using Training.Core.Runs;
using static TorchSharp.torch;

namespace Training.Core.Engine;

/// <summary>What a training is beside its tensors, as a checkpoint keeps it.</summary>
internal sealed record TrainingState
{
    public required TrainingPosition Position { get; init; }
    public required EarlyStopping.State Best { get; init; }

    /// <summary>All evaluated epochs; the last one may not have been reported when the training was cut off.</summary>
    public required IReadOnlyList<EpochCompleted> Epochs { get; init; }

    /// <summary>Of all attempts until now.</summary>
    public required double Seconds { get; init; }
}

/// <summary>
/// The file from which a run goes on as if it had never stopped: the moving weights, the optimizer's vectors, the batch norms' statistics
/// and the counters. Order, augmentation and every other random choice follow from seed, epoch, step and sample, so they need no state.
/// </summary>
internal sealed class Checkpoint(string path, ScheduledOptimizer optimizer, Backbones.ImageClassifier network)
{
    private const string StateKey = "state";
    private const string LayoutKey = "layout";
    private const string OptimizerPrefix = "optimizer.";
    private const string BufferPrefix = "buffer.";

    /// <summary>By temporary file and rename, made durable: there is always a whole one.</summary>
    /// <exception cref="IOException">The disk is full; the former checkpoint stays.</exception>
    /// <exception cref="NotFiniteException">There is nothing to go on from; the former checkpoint stays.</exception>
    public void Save(TrainingState state)
    {
        var tensors = Tensors();
        if (FiniteGuard.First(tensors) is { } name)
            throw new NotFiniteException($"The training's state is no numbers any more ({name}), so no checkpoint was written. "
                + "Clone the run with a tenth of the learning rate.");
        SafetensorsFile.Write(path, tensors, new Dictionary<string, string>
        {
            [StateKey] = JsonSerializer.Serialize(state, CoreJson.Options),
            [LayoutKey] = string.Join('\n', optimizer.Layout),
        });
    }

    /// <summary>Overwrites network and optimizer with what was saved.</summary>
    /// <returns>Null when there is no checkpoint.</returns>
    /// <exception cref="CheckpointException">It is damaged, of another network or holds what is no number; nothing was
    /// overwritten.</exception>
    public TrainingState? Load()
    {
        if (!File.Exists(path)) return null;
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        try
        {
            var (saved, metadata) = SafetensorsFile.Read(path);
            var live = Tensors();
            if (metadata.GetValueOrDefault(LayoutKey) != string.Join('\n', optimizer.Layout)
                || !live.Keys.ToHashSet().SetEquals(saved.Keys)
                || live.Any(entry => !saved[entry.Key].shape.SequenceEqual(entry.Value.shape)))
                throw new CheckpointException($"{path} belongs to another network or another version of the program.");
            if (FiniteGuard.First(saved) is { } bad)
                throw new CheckpointException($"The checkpoint {path} holds values that are no numbers ({bad}): the training had failed "
                    + "before it was written. "
                    + "Clone the run instead of resuming it, with a tenth of the learning rate.");
            var state = JsonSerializer.Deserialize<TrainingState>(metadata[StateKey], CoreJson.Options)
                ?? throw new InvalidDataException($"{path} holds no state.");
            foreach (var (name, tensor) in live) tensor.copy_(saved[name]);
            return state;
        }
        catch (Exception e) when (e is InvalidDataException or JsonException or KeyNotFoundException)
        {
            throw new CheckpointException($"The checkpoint can't be used: {e.Message}");
        }
    }

    private OrderedDictionary<string, Tensor> Tensors()
    {
        var result = new OrderedDictionary<string, Tensor>();
        foreach (var (name, vector) in optimizer.State) result.Add(OptimizerPrefix + name, vector);
        foreach (var (name, buffer) in network.named_buffers()) result.Add(BufferPrefix + name, buffer);
        return result;
    }
}

/// <summary>A checkpoint that can't be used; the message says why.</summary>
public sealed class CheckpointException(string message) : Exception(message);
