using TorchSharp;
using Training.Core.Backbones;
using Training.Core.Data;
using Training.Core.Devices;
using Training.Core.Engine.Features;
using Training.Core.Images;
using Training.Core.Metrics;
using Training.Core.Recipes;
using Training.Core.Runs;
using static TorchSharp.torch;

namespace Training.Core.Engine;

/// <summary>What a session works with, made once at its start.</summary>
internal sealed record SessionParts
{
    /// <summary>
    /// Numbers that a ResNet-18, the smallest, keeps for the gradient for each pixel of a batch, without the large blocks of its first
    /// layers, which are mapped on their own.
    /// </summary>
    private const int ActivationsPerPixel = 35;

    public required Recipe Recipe { get; init; }
    public required DatasetManifest Manifest { get; init; }
    public required BackboneSpec Backbone { get; init; }
    public required ImageClassifier Network { get; init; }
    public required ComputeDevice Device { get; init; }
    public string? CacheFolder { get; init; }

    /// <summary>What the photos' files hold, which may not be what the scan found.</summary>
    public required FileContents Contents { get; init; }
    public required IReadOnlyList<Sample> Train { get; init; }
    public required IReadOnlyList<Sample> Val { get; init; }

    /// <summary>The training photos, being decoded since before the network was loaded; null where they are not needed first.</summary>
    public BatchLoader? Photos { get; init; }

    /// <summary>What was taken from the model that the run starts from; null: it starts from ImageNet's weights, or from none.</summary>
    public string? Started { get; init; }

    public bool FreezeBatchNorm => Recipe.FreezesNorms(Train.Count);

    /// <summary>Builds the network on the device, with random numbers that follow from the recipe's seed.</summary>
    public static SessionParts Create(TrainingRequest request)
    {
        // Before there is a network at all: its weights are read meanwhile.
        var contents = new FileContents(request.Manifest.Root, request.CacheFolder, request.Manifest.Fence);
        var photos = request.StartsWithPhotos ? new BatchLoader(PhotosOf(request) with { Contents = contents }) : null;
        try
        {
            photos?.Begin(epoch: 1);
            return Create(request.Recipe, request.Manifest, request.WeightsFolder, request.CacheFolder,
                StartModel.In(request.Folder)) with { Photos = photos, Contents = contents };
        }
        catch
        {
            photos?.Dispose();
            throw;
        }
    }

    /// <inheritdoc cref="Create(TrainingRequest)"/>
    public static SessionParts Create(
        Recipe recipe, DatasetManifest manifest, string? weightsFolder, string? cacheFolder = null, StartModel? start = null)
    {
        var backbone = BackboneCatalog.Get(recipe.Backbone);
        var device = ComputeDevice.Choose(recipe.Precision, cacheFolder);
        // In fp32 most of it is mapped as it is needed.
        if (device.IsCpu && device.Images == ScalarType.BFloat16 && backbone is ResNetSpec && recipe.Mode != TrainingMode.Transfer)
            TensorAllocation.TouchAhead(
                (long)recipe.BatchSize * recipe.ImageSize * recipe.ImageSize * ActivationsPerPixel * device.Images.ElementSize());
        manual_seed(recipe.Seed);
        var network = PretrainedWeights.Create(backbone, manifest.Classes.Count);
        var started = recipe.StartFrom is null ? null
            : (start ?? throw new WeightsException("The model to start from is not in the run's folder. Clone the run, which brings it "
                + "along.")).LoadInto(network, backbone, manifest.Classes);
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
            Contents = new FileContents(manifest.Root, cacheFolder, manifest.Fence),
            Started = started,
            Train = [.. manifest.Samples.Where(sample => sample.Split == Split.Train)],
            Val = [.. manifest.Samples.Where(sample => sample.Split == Split.Val)],
        };
    }

    /// <summary>Photos through the network in every epoch, or features computed once where the backbone is frozen.</summary>
    public ITrainingPass CreatePass(SessionEvents events, CancellationToken cancellationToken)
    {
        if (Recipe.Mode != TrainingMode.Transfer) return new ImagePass(this);
        using var reader = new FeatureReader(this, events, cancellationToken);
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
        foreach (var words in Coverage.Of(Manifest).Sentences()) events.Log(words, RunLogLevel.Warning);
    }

    /// <summary>The sample with what its file holds now, as far as it has been read.</summary>
    public Sample Current(Sample sample) =>
        Contents.Changed.TryGetValue(Manifest.FullPath(sample), out var content) ? sample with { Sha256 = content } : sample;

    /// <summary>Paths of samples whose file holds something else than the manifest says, with what.</summary>
    public IReadOnlyDictionary<string, string> Changed()
    {
        if (Contents.Changed.Count == 0) return new Dictionary<string, string>();
        return Manifest.Samples.Select(sample => (sample.Path, Before: sample.Sha256, Now: Current(sample).Sha256))
            .Where(each => each.Now != each.Before).ToDictionary(each => each.Path, each => each.Now, StringComparer.Ordinal);
    }

    public BatchLoaderOptions Loader(Split split, int batchSize) =>
        Loader(Recipe, Manifest, split == Split.Train ? Train : Val, split, batchSize) with { CacheFolder = CacheFolder,
            Contents = Contents };

    private static BatchLoaderOptions PhotosOf(TrainingRequest request)
    {
        var samples = request.Manifest.Samples.Where(sample => sample.Split == Split.Train).ToList();
        return Loader(request.Recipe, request.Manifest, samples, Split.Train, request.Recipe.BatchSize) with
        {
            ImageSize = ProgressiveSize.Of(request.Recipe, epoch: 1),
            CacheFolder = request.CacheFolder,
        };
    }

    private static BatchLoaderOptions Loader(
        Recipe recipe, DatasetManifest manifest, IReadOnlyList<Sample> samples, Split split, int batchSize) => new()
    {
        Manifest = manifest,
        Samples = samples,
        BatchSize = batchSize,
        ImageSize = recipe.ImageSize,
        Resize = recipe.Resize,
        FullDecode = recipe.FullDecode,
        Augmentation = split == Split.Train ? recipe.Changes() : AugmentationOptions.None,
        ClassBalance = split == Split.Train ? recipe.ClassBalance : ClassBalanceKind.None,
        Seed = recipe.Seed,
        DropLastIfSingle = split == Split.Train,
    };
}
