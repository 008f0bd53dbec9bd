using TorchSharp;
using Training.Core.Backbones;
using Training.Core.Data;
using Training.Core.Devices;
using Training.Core.Engine;
using Training.Core.Export;
using Training.Core.Metrics;
using Training.Core.Runs;
using static TorchSharp.torch;

namespace Training.Core.Inference;

/// <summary>A finished run's model, from its folder.</summary>
public static class SavedModel
{
    /// <summary>Loads best_model.pth and classes.json and says what the model makes of every sample, in file order.</summary>
    /// <param name="folder">The run's folder, or any that holds the two files.</param>
    /// <param name="manifest">Samples to evaluate (all of them); their labels index the model's classes, see
    /// <see cref="EvaluationSet"/>.</param>
    /// <param name="progress">Images done.</param>
    /// <exception cref="FileNotFoundException">A file is missing; the message names it.</exception>
    /// <exception cref="NotFiniteException">An answer is no number; the image is named.</exception>
    /// <exception cref="WeightsException">The weights are damaged or of another network.</exception>
    public static Evaluation Evaluate(
        string folder, DatasetManifest manifest, Action<int>? progress = null, CancellationToken cancellationToken = default)
    {
        using var scope = NewDisposeScope();
        var files = new RunFolder(folder);
        var description = ModelDescription.Load(files.Classes);
        var device = ComputeDevice.Choose(description.Precision);
        var network = PretrainedWeights.Create(BackboneCatalog.Get(description.Backbone), description.Classes.Count);
        TorchExport.LoadPth(network, files.BestModel);
        network.to(device.Device);
        network.UseChannelsLast();
        using var loader = new BatchLoader(new BatchLoaderOptions
        {
            Manifest = manifest,
            Samples = manifest.Samples,
            BatchSize = Evaluator.BatchSize,
            ImageSize = description.ImageSize,
            Resize = description.Resize,
            FullDecode = description.FullDecode,
            CacheBytes = 0,
        });
        return Evaluator.Run(network, loader, description.ImageSize, device, description.TestTimeFlip, cancellationToken, progress);
    }
}
