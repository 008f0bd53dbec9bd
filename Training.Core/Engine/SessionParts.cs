using TorchSharp;
using Training.Core.Backbones;
using Training.Core.Data;
using Training.Core.Runs;
using static TorchSharp.torch;

namespace Training.Core.Engine;

/// <summary>What a session works with, made once at its start.</summary>
internal sealed record SessionParts
{
    /// <summary>Below this many training images pretrained batch norms stay frozen unless the recipe says otherwise.</summary>
    private const int BatchNormImages = 1000;

    public required Recipe Recipe { get; init; }
    public required DatasetManifest Manifest { get; init; }
    public required BackboneSpec Backbone { get; init; }
    public required ImageClassifier Network { get; init; }
    public required ComputeDevice Device { get; init; }
    public required IReadOnlyList<Sample> Train { get; init; }
    public required IReadOnlyList<Sample> Val { get; init; }

    public bool FreezeBatchNorm => Recipe.Mode == TrainingMode.Transfer || Recipe.BatchNorm switch
    {
        BatchNormKind.Freeze => true,
        BatchNormKind.Train => false,
        _ => Recipe.Mode == TrainingMode.FineTune && Train.Count < BatchNormImages,
    };

    /// <summary>Builds the network on the device, with random numbers that follow from the recipe's seed.</summary>
    public static SessionParts Create(TrainingRequest request)
    {
        var recipe = request.Recipe;
        var backbone = BackboneCatalog.Get(recipe.Backbone);
        var device = ComputeDevice.Choose(recipe.Precision);
        manual_seed(recipe.Seed);
        var network = PretrainedWeights.Create(backbone, request.Manifest.Classes.Count);
        if (recipe.Mode != TrainingMode.FromScratch) PretrainedWeights.LoadInto(network, backbone, request.WeightsFolder);
        network.to(device.Device);
        network.UseChannelsLast();
        return new SessionParts
        {
            Recipe = recipe,
            Manifest = request.Manifest,
            Backbone = backbone,
            Network = network,
            Device = device,
            Train = [.. request.Manifest.Samples.Where(sample => sample.Split == Split.Train)],
            Val = [.. request.Manifest.Samples.Where(sample => sample.Split == Split.Val)],
        };
    }

    public BatchLoaderOptions Loader(Split split, int batchSize) => new()
    {
        Manifest = Manifest,
        Samples = split == Split.Train ? Train : Val,
        BatchSize = batchSize,
        ImageSize = Recipe.ImageSize,
        Resize = Recipe.Resize,
        Augmentation = split == Split.Train ? Recipe.Augmentation : AugmentationKind.None,
        Seed = Recipe.Seed,
        DropLastIfSingle = split == Split.Train,
    };
}
