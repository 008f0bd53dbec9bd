using Training.Core.Data;
using Training.Tests.TestKit;

namespace Training.Tests.Data;

public sealed class BatchLoaderTests : IDisposable
{
    private readonly PhotoFolder _photos = new PhotoFolder().With("cats", 11).With("dogs", 12);
    private readonly DatasetManifest _manifest;

    public BatchLoaderTests() => _manifest = _photos.Manifest();

    public void Dispose() => _photos.Dispose();

    [Fact]
    public void Read_EpochZero_GivesFileOrderWithoutAugmentation()
    {
        using var loader = new BatchLoader(Options() with { Augmentation = new(AugmentationKind.CropAndFlip) });

        var (rgb, samples) = Collect(loader, 0);

        Assert.Equal(_manifest.Samples, samples);
        var expected = new byte[16 * 16 * 3];
        for (var index = 0; index < samples.Count; index++)
        {
            ImageDecoder.DecodeSquare(_manifest.FullPath(samples[index]), 16, ResizeKind.CentreCrop, null, expected);
            Assert.Equal(expected, rgb[index]);
        }
    }

    [Fact]
    public void Read_LastBatch_HoldsTheRest()
    {
        using var loader = new BatchLoader(Options());

        Assert.Equal([5, 5, 5, 5, 3], loader.Read(0).Select(batch => batch.Count));
        Assert.Equal(5, loader.BatchCount(0));
    }

    [Fact]
    public void Read_TrainingEpochs_ShuffleEverySampleOnce()
    {
        using var loader = new BatchLoader(Options());

        var first = Collect(loader, 1).Samples;
        var second = Collect(loader, 2).Samples;

        Assert.Equal(_manifest.Samples, first.OrderBy(sample => sample.Id));
        Assert.NotEqual(_manifest.Samples, first);
        Assert.NotEqual(first, second);
    }

    [Theory]
    [InlineData(AugmentationKind.None)]
    [InlineData(AugmentationKind.Flip)]
    [InlineData(AugmentationKind.CropAndFlip)]
    public void Read_AnyNumberOfThreads_SameBatches(AugmentationKind augmentation)
    {
        using var one = new BatchLoader(Options() with { Augmentation = new(augmentation), Threads = 1, CacheBytes = 0 });
        using var many = new BatchLoader(Options() with { Augmentation = new(augmentation), Threads = 7 });
        foreach (var epoch in new[] { 1, 2, 1, 0 })
        {
            var (rgbOfOne, samplesOfOne) = Collect(one, epoch);
            var (rgbOfMany, samplesOfMany) = Collect(many, epoch);

            Assert.Equal(samplesOfOne, samplesOfMany);
            Assert.Equal(rgbOfOne, rgbOfMany);
        }
    }

    [Fact]
    public void Read_OtherSeed_OtherOrder()
    {
        using var one = new BatchLoader(Options());
        using var two = new BatchLoader(Options() with { Seed = 2 });

        Assert.NotEqual(Collect(one, 1).Samples, Collect(two, 1).Samples);
    }

    [Fact]
    public void Read_Flip_MirrorsSomeImagesWhole()
    {
        using var plain = new BatchLoader(Options());
        using var flip = new BatchLoader(Options() with { Augmentation = new(AugmentationKind.Flip) });

        var (before, after) = (Collect(plain, 1).Rgb, Collect(flip, 1).Rgb);

        var mirrored = 0;
        foreach (var (original, changed) in before.Zip(after))
        {
            if (original.SequenceEqual(changed)) continue;
            mirrored++;
            Augmentation.FlipSquare(changed, 16);
            Assert.Equal(original, changed);
        }
        Assert.InRange(mirrored, 3, 20);
    }

    [Fact]
    public void Read_SecondPass_ComesFromMemory()
    {
        using var loader = new BatchLoader(Options() with { Augmentation = new(AugmentationKind.Flip) });
        var first = Collect(loader, 0).Rgb;
        foreach (var sample in _manifest.Samples) File.Delete(_manifest.FullPath(sample));

        Assert.Equal(first, Collect(loader, 0).Rgb);
        Assert.Equal(23, Collect(loader, 1).Samples.Count);
    }

    [Fact]
    public void Read_AnotherLoader_ComesFromDiskWithoutReadingThePhotos()
    {
        using var cache = new TemporaryFolder();
        var written = TimeProvider.System.GetUtcNow().UtcDateTime.AddHours(-1);
        foreach (var sample in _manifest.Samples) File.SetLastWriteTimeUtc(_manifest.FullPath(sample), written);
        var options = Options() with { CacheFolder = cache.Path, CacheBytes = 0,
            Contents = new FileContents(_manifest.Root, cache.Path, FolderFence.None) };
        using var first = new BatchLoader(options);
        var decoded = Collect(first, 0).Rgb;
        foreach (var path in _manifest.Samples.Select(_manifest.FullPath))
        {
            using (var file = File.OpenWrite(path)) file.Write(new byte[file.Length]); // in place, so that only reading it tells
            File.SetLastWriteTimeUtc(path, written);
        }

        using var second = new BatchLoader(options);

        Assert.Equal(decoded, Collect(second, 0).Rgb);
    }

    [Fact]
    public void Read_SmallCache_DecodesTheRestAgain()
    {
        using var loader = new BatchLoader(Options() with { Threads = 1, CacheBytes = 4 * 16 * 16 * 3 });
        var first = Collect(loader, 0).Rgb;
        Assert.Equal(first, Collect(loader, 0).Rgb);
        File.Delete(_manifest.FullPath(_manifest.Samples[3]));
        Assert.Equal(first, Collect(loader, 0).Rgb);
        File.Delete(_manifest.FullPath(_manifest.Samples[4]));

        Assert.Throws<ImageException>(() => Collect(loader, 0));
    }

    [Fact]
    public void Read_VanishedFile_NamesItAfterTheBatchesBefore()
    {
        File.Delete(_manifest.FullPath(_manifest.Samples[12]));
        File.WriteAllBytes(_manifest.FullPath(_manifest.Samples[14]), [1, 2, 3]);
        using var loader = new BatchLoader(Options() with { Threads = 5 });
        var batches = 0;

        var error = Assert.Throws<ImageException>(() =>
        {
            foreach (var _ in loader.Read(0)) batches++;
        });

        Assert.Equal(2, batches);
        Assert.Contains($"{_manifest.Samples[12].Path} is gone", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_FileBrokenSinceTheScan_SaysWhatIsWrongWithIt()
    {
        File.WriteAllText(_manifest.FullPath(_manifest.Samples[0]), "not an image any more");
        using var loader = new BatchLoader(Options());

        var error = Assert.Throws<ImageException>(() => Collect(loader, 0));

        Assert.Contains("cats/000.png is a text file", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(11, 22, 2)]
    [InlineData(22, 22, 1)]
    [InlineData(1, 23, 23)]
    [InlineData(5, 23, 5)]
    public void Read_DropLastIfSingle_LeavesOutOnlyALoneSampleOfTraining(int batchSize, int samples, int batches)
    {
        using var loader = new BatchLoader(Options() with { BatchSize = batchSize, DropLastIfSingle = true });

        Assert.Equal(samples, Collect(loader, 1).Samples.Count);
        Assert.Equal(batches, loader.BatchCount(1));
        Assert.Equal(23, Collect(loader, 0).Samples.Count);
    }

    [Fact]
    public void Read_LeftEarly_StartsAfresh()
    {
        using var loader = new BatchLoader(Options());
        for (var round = 0; round < 20; round++)
            Assert.Equal(5, loader.Read(1).First().Count);

        Assert.Equal(23, Collect(loader, 1).Samples.Count);
    }

    [Fact]
    public void Read_AnotherPassMeanwhile_EndsTheFirst()
    {
        using var loader = new BatchLoader(Options());
        using var first = loader.Read(1).GetEnumerator();
        Assert.True(first.MoveNext());

        Assert.Equal(23, Collect(loader, 2).Samples.Count);
        Assert.Throws<ObjectDisposedException>(() => first.MoveNext());
    }

    [Fact]
    public void Begin_OfAnEpoch_GivesItsBatchesOnce()
    {
        using var begun = new BatchLoader(Options() with { Augmentation = new(AugmentationKind.CropAndFlip) });
        using var plain = new BatchLoader(Options() with { Augmentation = new(AugmentationKind.CropAndFlip) });

        begun.Begin(1);

        Assert.Equal(Collect(plain, 1).Rgb, Collect(begun, 1).Rgb);
        Assert.Equal(Collect(plain, 1).Rgb, Collect(begun, 1).Rgb);
    }

    [Fact]
    public void Begin_ThenAnotherEpochOrALaterBatch_GivesThose()
    {
        using var loader = new BatchLoader(Options());
        using var plain = new BatchLoader(Options());

        loader.Begin(1);
        Assert.Equal(Collect(plain, 2).Samples, Collect(loader, 2).Samples);
        loader.Begin(1);
        Assert.Equal(plain.Read(1, skip: 2).SelectMany(batch => batch.Samples), loader.Read(1, skip: 2).SelectMany(batch => batch.Samples));
    }

    [Fact]
    public void Read_Stopped_Throws()
    {
        using var loader = new BatchLoader(Options());
        using var cancellation = new CancellationTokenSource();

        Assert.ThrowsAny<OperationCanceledException>(() =>
        {
            foreach (var _ in loader.Read(1, cancellation.Token)) cancellation.Cancel();
        });
    }

    [Fact]
    public void Dispose_InTheMiddle_EndsTheReaderAndItsThreads()
    {
        var loader = new BatchLoader(Options() with { Threads = 4 });
        using var reader = loader.Read(1).GetEnumerator();
        Assert.True(reader.MoveNext());

        loader.Dispose();

        Assert.Throws<ObjectDisposedException>(() => reader.MoveNext());
        Assert.Throws<ObjectDisposedException>(() => Collect(loader, 1));
        Assert.Equal(0, loader.LiveThreads);
    }

    [Fact]
    public void Read_NoSamples_NoBatches()
    {
        using var loader = new BatchLoader(Options() with { Samples = [] });

        Assert.Empty(loader.Read(1));
    }

    private BatchLoaderOptions Options() => new()
    {
        Manifest = _manifest,
        Samples = _manifest.Samples,
        BatchSize = 5,
        ImageSize = 16,
        Resize = ResizeKind.CentreCrop,
        Threads = 3,
        Seed = 1,
    };

    private static (List<byte[]> Rgb, List<Sample> Samples) Collect(BatchLoader loader, int epoch)
    {
        var (rgb, samples) = (new List<byte[]>(), new List<Sample>());
        foreach (var batch in loader.Read(epoch))
        {
            samples.AddRange(batch.Samples);
            for (var index = 0; index < batch.Count; index++) rgb.Add(batch.Rgb.AsSpan(index * 16 * 16 * 3, 16 * 16 * 3).ToArray());
        }
        return (rgb, samples);
    }
}
