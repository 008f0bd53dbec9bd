using Training.Core.Data;

namespace Training.Core.Benchmarks;

/// <summary>The same few photos of a set every time.</summary>
public static class BenchmarkImages
{
    /// <summary>
    /// Up to <paramref name="images"/> training and as many validation samples, the first ones of each class in file order, classes
    /// evenly; with fewer in the set, all of them.
    /// </summary>
    /// <exception cref="InvalidDataException">A split has no samples.</exception>
    public static DatasetManifest Take(DatasetManifest manifest, int images)
    {
        Sample[] taken = [.. Take(manifest, Split.Train, images), .. Take(manifest, Split.Val, images)];
        return manifest with { Samples = taken };
    }

    private static List<Sample> Take(DatasetManifest manifest, Split split, int images)
    {
        var perClass = (images + manifest.Classes.Count - 1) / manifest.Classes.Count;
        var samples = manifest.Samples.Where(sample => sample.Split == split)
            .GroupBy(sample => sample.Label).SelectMany(group => group.Take(perClass)).Take(images).ToList();
        return samples.Count > 0 ? samples : throw new InvalidDataException($"{manifest.Root} has no {split} images.");
    }
}
