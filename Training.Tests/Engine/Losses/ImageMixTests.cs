using Training.Core.Data;
using Training.Core.Engine.Losses;
using Training.Tests.TestKit;
using static TorchSharp.torch;

namespace Training.Tests.Engine.Losses;

[Collection(GlobalTorchState.Name)]
public sealed class ImageMixTests
{
    private const int Side = 16;

    [Fact]
    public void Apply_Neither_LeavesTheBatchAlone()
    {
        using var scope = NewDisposeScope();
        var (images, labels) = Batch();

        var (mixed, targets) = ImageMix.Apply(SessionRun.Scratch, images, labels, 1, 0);

        Assert.Same(images, mixed);
        Assert.Null(targets.Others);
    }

    [Fact]
    public void Apply_Mixup_BlendsEachImageWithItsPartnerByTheShareOfItsLabel()
    {
        using var scope = NewDisposeScope();
        var (images, labels) = Batch();

        var (mixed, targets) = ImageMix.Apply(SessionRun.Scratch with { Mixup = 0.4 }, images, labels, 1, 0);

        Assert.Equal([3, 2, 1, 0], targets.Others!.data<long>().ToArray());
        // Image i is the constant i, its partner 3 - i.
        for (var i = 0; i < 4; i++)
            Assert.Equal(targets.Share * i + (1 - targets.Share) * (3 - i), mixed[i].mean().item<float>(), 1e-5);
    }

    [Fact]
    public void Apply_Cutmix_PastesAsMuchOfThePartnerAsItsLabelCounts()
    {
        using var scope = NewDisposeScope();
        var (images, labels) = Batch();
        var shares = new List<double>();
        for (var batch = 0; batch < 20; batch++)
        {
            var (mixed, targets) = ImageMix.Apply(SessionRun.Scratch with { Cutmix = 1 }, images, labels, 1, batch);
            var pasted = mixed[0].eq(3).to(ScalarType.Float32).mean().item<float>();
            Assert.Equal(1 - targets.Share, pasted, 1e-5);
            shares.Add(targets.Share);
        }
        Assert.True(shares.Distinct().Count() > 10, "Every batch was cut alike.");
        Assert.Equal(0, images[0].mean().item<float>());
    }

    [Fact]
    public void Apply_SameSeedEpochAndBatch_DrawsTheSame()
    {
        using var scope = NewDisposeScope();
        var (images, labels) = Batch();
        var recipe = SessionRun.Scratch with { Mixup = 0.4, Cutmix = 1 };

        double Share(int seed, int epoch, int batch) =>
            ImageMix.Apply(recipe with { Seed = seed }, images, labels, epoch, batch).Targets.Share;

        Assert.Equal(Share(1, 2, 3), Share(1, 2, 3));
        Assert.Equal(4, new[] { Share(1, 2, 3), Share(2, 2, 3), Share(1, 3, 3), Share(1, 2, 4) }.Distinct().Count());
    }

    [Theory]
    [InlineData(0.2, 0.178571)]
    [InlineData(1.0, 0.083333)]
    public void Beta_ManyDraws_HasTheMeanAndVarianceOfTheDistribution(double alpha, double variance)
    {
        var random = new SplitMix64(4);
        var draws = new double[20_000];
        for (var i = 0; i < draws.Length; i++) draws[i] = ImageMix.Beta(ref random, alpha);

        var mean = draws.Average();
        Assert.Equal(0.5, mean, 0.01);
        Assert.Equal(variance, draws.Average(draw => (draw - mean) * (draw - mean)), 0.004);
    }

    private static (Tensor Images, Tensor Labels) Batch() =>
        (arange(4, ScalarType.Float32).view(4, 1, 1, 1).expand(4, 3, Side, Side).contiguous(), tensor(new long[] { 0, 1, 2, 3 }));
}
