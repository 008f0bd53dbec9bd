using Training.Core.Data;
using Training.Core.Runs;
using static TorchSharp.torch;

namespace Training.Core.Engine.Features;

/// <summary>The features of a run's samples: from former runs where they are on disk, computed and kept otherwise.</summary>
internal sealed class FeatureReader(SessionParts parts, SessionEvents events, CancellationToken cancellationToken) : IDisposable
{
    private const long MaxBytes = 4L << 30;

    /// <summary>The view that is the mean of an image and its mirror image.</summary>
    private const int Flipped = -1;

    private readonly FeatureCache? _cache = Open(parts);
    private bool _keeps = true;
    private int _total;
    private int _done;

    /// <param name="views">1: the whole images; more: so many augmented views of each.</param>
    /// <returns>
    /// Features (views * samples, width), one view after the other, float32 on the device, in the caller's dispose scope.
    /// </returns>
    /// <exception cref="Images.ImageException">A file vanished or broke since the scan; the message names it.</exception>
    public Tensor Read(Split split, int views)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        parts.Network.SetTraining(false, freezeBatchNorm: false);
        var samples = split == Split.Train ? parts.Train : parts.Val;
        (_total, _done) = (samples.Count * views, 0);
        var rows = new List<Tensor>();
        for (var view = 1; view <= views; view++) rows.Add(View(split, samples, views > 1 ? view : Flips(split) ? Flipped : 0));
        return cat(rows).MoveToOuterDisposeScope();
    }

    public void Dispose() => _cache?.Dispose();

    private static FeatureCache? Open(SessionParts parts)
    {
        if (parts.CacheFolder is null) return null;
        var folder = Path.Combine(parts.CacheFolder, "features");
        var own = FeatureFolder.Of(folder, parts.Network, parts.Recipe, parts.Device);
        FeatureCache.Trim(folder, own, MaxBytes);
        if (Directory.Exists(own)) Directory.SetLastWriteTimeUtc(own, TimeProvider.System.GetUtcNow().UtcDateTime);
        return new FeatureCache(own, parts.Network.FeatureCount);
    }

    // A batch is read only when all of it is there, and computed whole otherwise: what a convolution gives may depend on the batch in the
    // last bits, and a run that goes on has to get the same features again.
    private Tensor View(Split split, IReadOnlyList<Sample> samples, int view)
    {
        var batches = samples.Chunk(Evaluator.BatchSize).ToList();
        var features = batches.ConvertAll(batch => FromCache(batch, view));
        var missing = batches.Where((_, index) => features[index] is null).ToList();
        _done += samples.Count - missing.Sum(batch => batch.Length);
        if (missing.Count > 0)
        {
            using var computed = Compute(split, [.. missing.SelectMany(batch => batch)], view).GetEnumerator();
            for (var index = 0; index < features.Count; index++)
                if (features[index] is null && computed.MoveNext()) features[index] = computed.Current;
        }
        return cat([.. features.Select(tensor => tensor!)]);
    }

    private Tensor? FromCache(Sample[] batch, int view)
    {
        if (_cache is null || !batch.All(sample => Key(sample, view) is { } key && _cache.Contains(key))) return null;
        // A photo that was overwritten since the scan has other features; one that can't be read is told of by whoever decodes it.
        if (!batch.All(sample => parts.Contents.Now(parts.Manifest.FullPath(sample), sample.Sha256, cancellationToken) == sample.Sha256))
            return null;
        var width = parts.Network.FeatureCount;
        var values = new float[batch.Length * width];
        for (var index = 0; index < batch.Length; index++)
            if (!_cache.TryRead(Key(batch[index], view)!.Value, values.AsSpan(index * width, width))) return null;
        return tensor(values, [batch.Length, width], device: parts.Device.Device);
    }

    private IEnumerable<Tensor> Compute(Split split, IReadOnlyList<Sample> samples, int view)
    {
        using var loader = new BatchLoader(parts.Loader(split, Evaluator.BatchSize) with
        {
            Samples = samples, CacheBytes = 0, KeepsOrder = true, DropLastIfSingle = false,
        });
        Progress();
        foreach (var batch in loader.Read(Math.Max(0, view), cancellationToken))
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var features = Evaluator.Features(parts.Network, ImageTensor.Of(batch, parts.Recipe.ImageSize, parts.Device), view == Flipped);
            FiniteGuard.CheckFeatures(features, batch.Samples);
            Keep(batch.Samples, view, features);
            _done += batch.Count;
            Progress();
            yield return features.MoveToOuterDisposeScope();
        }
    }

    private void Keep(IReadOnlyList<Sample> samples, int view, Tensor features)
    {
        if (_cache is null || !_keeps) return;
        var values = features.cpu().data<float>().ToArray();
        var width = parts.Network.FeatureCount;
        try
        {
            for (var index = 0; index < samples.Count; index++)
                if (Key(parts.Current(samples[index]), view) is { } key && !_cache.Contains(key))
                    _cache.Add(key, values.AsSpan(index * width, width));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            _keeps = false;
            events.Log($"The features are not kept for the next run: {error.Message}", RunLogLevel.Warning);
        }
    }

    private bool Flips(Split split) => split == Split.Val && parts.Recipe.TestTimeFlip;

    private FeatureKey? Key(Sample sample, int view) => FeatureKey.Of(sample, view, parts.Recipe.Changes(), parts.Recipe.Seed);

    private void Progress() =>
        events.Report(new PhaseStarted($"Computing the features of {_total} images", (double)_done / _total));
}
