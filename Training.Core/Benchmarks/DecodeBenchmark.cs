using System.Diagnostics;
using Training.Core.Data;
using Training.Core.Recipes;

namespace Training.Core.Benchmarks;

/// <summary>How fast photos become batches when nothing else wants the cores.</summary>
public static class DecodeBenchmark
{
    /// <returns>Images per second of a second pass over the training samples with all cores.</returns>
    public static double Run(Recipe recipe, DatasetManifest manifest, CancellationToken cancellationToken)
    {
        using var loader = new BatchLoader(new BatchLoaderOptions
        {
            Manifest = manifest,
            Samples = [.. manifest.Samples.Where(sample => sample.Split == Split.Train)],
            BatchSize = recipe.BatchSize,
            ImageSize = recipe.ImageSize,
            Resize = recipe.Resize,
            FullDecode = recipe.FullDecode,
            Augmentation = recipe.Changes(),
            Seed = recipe.Seed,
            Threads = Environment.ProcessorCount,
            CacheBytes = 0,
        });
        _ = loader.Read(epoch: 1, cancellationToken).Count(); // the first pass compiles
        var watch = Stopwatch.StartNew();
        var images = loader.Read(epoch: 2, cancellationToken).Sum(batch => batch.Count);
        return images / watch.Elapsed.TotalSeconds;
    }
}
