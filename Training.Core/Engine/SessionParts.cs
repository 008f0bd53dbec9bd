using TorchSharp;
using Training.Core.Backbones;
using Training.Core.Data;
using Training.Core.Devices;
using Training.Core.Features;
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
    public string? CacheFolder { get; init; }
    public required IReadOnlyList<Sample> Train { get; init; }
    public required IReadOnlyList<Sample> Val { get; init; }

    /// <summary>What was taken from the model that the run starts from; null: it starts from ImageNet's weights, or from none.</summary>
    public string? Started { get; init; }

    public bool FreezeBatchNorm => Recipe.Mode == TrainingMode.Transfer || Recipe.BatchNorm switch
    {
        BatchNormKind.Freeze => true,
        BatchNormKind.Train => false,
        _ => Recipe.Mode == TrainingMode.FineTune && Train.Count < BatchNormImages,
    };

    /// <summary>Builds the network on the device, with random numbers that follow from the recipe's seed.</summary>
    public static SessionParts Create(TrainingRequest request) => Create(request.Recipe, request.Manifest, request.WeightsFolder, request.CacheFolder, StartModel.In(request.Folder));

    /// <inheritdoc cref="Create(TrainingRequest)"/>
    public static SessionParts Create(Recipe recipe, DatasetManifest manifest, string? weightsFolder, string? cacheFolder = null, StartModel? start = null)
    {
        var backbone = BackboneCatalog.Get(recipe.Backbone);
        var device = ComputeDevice.Choose(recipe.Precision, cacheFolder);
        manual_seed(recipe.Seed);
        var network = PretrainedWeights.Create(backbone, manifest.Classes.Count);
        var started = recipe.StartFrom is null ? null
            : (start ?? throw new WeightsException("The model to start from is not in the run's folder. Clone the run, which brings it along.")).LoadInto(network, backbone, manifest.Classes);
        if (started is null && recipe.Mode != TrainingMode.FromScratch) PretrainedWeights.LoadInto(network, backbone, weightsFolder);
        network.to(device.Device);
        network.UseChannelsLast();
        return new SessionParts
        {
            Recipe = recipe,
            Manifest = manifest,
            Backbone = backbone,
            Network = network,
            Device = device,
            CacheFolder = cacheFolder,
            Started = started,
            Train = [.. manifest.Samples.Where(sample => sample.Split == Split.Train)],
            Val = [.. manifest.Samples.Where(sample => sample.Split == Split.Val)],
        };
    }

    /// <summary>Photos through the network in every epoch, or features computed once where the backbone is frozen.</summary>
    public ITrainingPass CreatePass(SessionEvents events, CancellationToken stop)
    {
        if (Recipe.Mode != TrainingMode.Transfer) return new ImagePass(this);
        using var reader = new FeatureReader(this, events, stop);
        return new FeaturePass(this, reader);
    }

    /// <summary>Says in the log what was chosen.</summary>
    public void Describe(SessionEvents events)
    {
        var count = Network.parameters().Sum(parameter => parameter.numel());
        events.Log($"{Backbone.Title}: {count / 1e6:F1} million parameters, {Manifest.Classes.Count} classes.");
        if (Started is not null) events.Log($"Starts from the model of {Recipe.StartFrom}. {Started}");
        events.Log($"{Train.Count} training and {Val.Count} validation images at {Recipe.ImageSize} px, batches of {Recipe.BatchSize}.");
        events.Log($"Computing on {Device.Name} with {get_num_threads()} threads in {Device.Precision}: {Device.Why}.");
        if (Recipe.Mode == TrainingMode.FineTune)
            events.Log(FreezeBatchNorm ? "Batch norms keep their pretrained statistics." : "Batch norms learn.");
    }

    public BatchLoaderOptions Loader(Split split, int batchSize) => new()
    {
        Manifest = Manifest,
        Samples = split == Split.Train ? Train : Val,
        BatchSize = batchSize,
        ImageSize = Recipe.ImageSize,
        Resize = Recipe.Resize,
        Augmentation = split == Split.Train ? AugmentationOptions.Of(Recipe) : AugmentationOptions.None,
        ClassBalance = split == Split.Train ? Recipe.ClassBalance : ClassBalanceKind.None,
        Seed = Recipe.Seed,
        DropLastIfSingle = split == Split.Train,
    };
}
