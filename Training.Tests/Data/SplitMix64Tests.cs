using Training.Core.Data;

namespace Training.Tests.Data;

public sealed class SplitMix64Tests
{
    [Fact]
    public void Next_SameNumbers_SameSequence_AnyOtherNumber_AnotherOne()
    {
        (long, long, long)[] starts = [(1, 2, 3), (2, 2, 3), (1, 3, 3), (1, 2, 4), (1, 3, 2), (3, 2, 1), (-1, 2, 3), (0, 0, 0)];

        Assert.All(starts, start => Assert.Equal(Draw(start), Draw(start)));
        Assert.Equal(starts.Length, starts.Select(start => Draw(start)[0]).Distinct().Count());
    }

    [Fact]
    public void Next_FromAFixedStart_NeverChanges()
    {
        // Splits and augmentation of earlier runs can be repeated only while these stay as they are.
        Assert.Equal([FirstOf123, SecondOf123], Draw((1, 2, 3))[..2]);
    }

    [Fact]
    public void Below_ManyDraws_HitsEveryNumberAboutEquallyOften()
    {
        var random = new SplitMix64(7);
        var hits = new int[10];

        for (var draw = 0; draw < 100_000; draw++) hits[random.Below(10)]++;

        // Six standard deviations of a binomial count.
        Assert.All(hits, count => Assert.InRange(count, 10_000 - 570, 10_000 + 570));
    }

    [Fact]
    public void NextDouble_FirstDrawsOfNeighbours_AreSpreadEvenly()
    {
        var mean = Enumerable.Range(0, 10_000).Average(item => new SplitMix64(1, 1, item).NextDouble());

        Assert.InRange(mean, 0.5 - 0.018, 0.5 + 0.018);
    }

    [Fact]
    public void Shuffle_Numbers_KeepsThemAllAndMovesMost()
    {
        int[] items = [.. Enumerable.Range(0, 1000)];

        new SplitMix64(3).Shuffle<int>(items);

        Assert.Equal(Enumerable.Range(0, 1000), items.Order());
        Assert.InRange(items.Index().Count(item => item.Index == item.Item), 0, 12);
    }

    private const ulong FirstOf123 = 6694809129887813358;
    private const ulong SecondOf123 = 5033103262478733940;

    private static ulong[] Draw((long Seed, long Stream, long Item) start)
    {
        var random = new SplitMix64(start.Seed, start.Stream, start.Item);
        return [random.Next(), random.Next(), random.Next()];
    }
}
