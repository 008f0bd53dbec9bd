using Training.Core.Data;

namespace Training.Tests.Data;

public sealed class DatasetSplitTests
{
    [Fact]
    public void ForRun_WithVal_UsesItAndLeavesTestOut()
    {
        var samples = Samples((Split.Train, 4), (Split.Val, 2), (Split.Test, 3));

        var split = DatasetSplit.ForRun(samples, 1, 0.5, seed: 1);

        Assert.Equal(samples.Take(6), split);
    }

    [Fact]
    public void ForRun_TrainAndTest_ValidatesOnTest()
    {
        var samples = Samples((Split.Train, 4), (Split.Test, 3));

        var split = DatasetSplit.ForRun(samples, 1, 0.5, seed: 1);

        Assert.Equal((4, 3), Count(split));
        Assert.All(split.Skip(4), sample => Assert.Equal(Split.Val, sample.Split));
    }

    [Fact]
    public void ForRun_TrainOnly_HoldsOutThatPartOfEveryClass()
    {
        var samples = Classes(100, 50, 10);

        var split = DatasetSplit.ForRun(samples, 3, 0.2, seed: 1);

        Assert.Equal([20, 10, 2], Held(split, 3));
        Assert.Equal(samples.Select(sample => sample.Id), split.Select(sample => sample.Id));
    }

    [Theory]
    [InlineData(0.05)]
    [InlineData(0.5)]
    [InlineData(0.99)]
    public void ForRun_SmallClasses_HaveOneOnBothSidesFromTwoOn(double fraction)
    {
        var split = DatasetSplit.ForRun(Classes(1, 2, 3), 3, fraction, seed: 5);

        var held = Held(split, 3);
        Assert.Equal(0, held[0]);
        Assert.Equal(1, held[1]);
        Assert.InRange(held[2], 1, 2);
    }

    [Fact]
    public void ForRun_SameSeed_SameSplit_OtherSeed_AnotherOne()
    {
        var samples = Classes(100, 100);

        var first = DatasetSplit.ForRun(samples, 2, 0.2, seed: 1);

        Assert.Equal(first, DatasetSplit.ForRun(samples, 2, 0.2, seed: 1));
        Assert.NotEqual(first, DatasetSplit.ForRun(samples, 2, 0.2, seed: 2));
    }

    [Fact]
    public void ForRun_IdenticalFiles_StayOnOneSide()
    {
        Sample[] samples = [.. Classes(60).Select(sample => sample with { Sha256 = $"{sample.Id / 3}" })];
        for (var seed = 0; seed < 20; seed++)
        {
            var split = DatasetSplit.ForRun(samples, 1, 0.2, seed);

            Assert.All(split.GroupBy(sample => sample.Sha256), copies => Assert.Single(copies.Select(sample => sample.Split).Distinct()));
            Assert.Equal(12, Held(split, 1)[0]);
        }
    }

    [Fact]
    public void ForRun_OnlyCopiesOfOneFile_StillHasBothSides()
    {
        Sample[] samples = [.. Classes(4).Select(sample => sample with { Sha256 = "same" })];

        Assert.Equal([1], Held(DatasetSplit.ForRun(samples, 1, 0.25, seed: 1), 1));
    }

    [Fact]
    public void Describe_EveryCase_SaysWhereValidationComesFrom()
    {
        Assert.Equal("The val split (30 images) is used for validation.", Describe((Split.Train, 90), (Split.Val, 30)));
        Assert.Equal("The val split (1 image) is used for validation; the test split (241 images) is left out.",
            Describe((Split.Train, 90), (Split.Val, 1), (Split.Test, 241)));
        Assert.Equal("The test split (241 images) is used for validation, as there is no val split.",
            Describe((Split.Train, 90), (Split.Test, 241)));
        Assert.Equal("20 % of every class (18 images of 90) are held out for validation, as there is no val split.",
            Describe((Split.Train, 90)));
    }

    private static string Describe(params (Split Split, int Count)[] parts) =>
        DatasetSplit.Describe(DatasetSplit.Outline("x", ["only"], Samples(parts), []), 0.2);

    private static Sample[] Samples(params (Split Split, int Count)[] parts) =>
        [.. parts.SelectMany(part => Enumerable.Repeat(part.Split, part.Count))
            .Select((split, id) => new Sample(id, $"{id}.jpg", 0, split))];

    private static Sample[] Classes(params int[] counts) =>
        [.. counts.SelectMany((count, label) => Enumerable.Repeat(label, count))
            .Select((label, id) => new Sample(id, $"{id}.jpg", label, Split.Train))];

    private static (int Train, int Val) Count(IReadOnlyList<Sample> samples) =>
        (samples.Count(sample => sample.Split == Split.Train), samples.Count(sample => sample.Split == Split.Val));

    private static int[] Held(IReadOnlyList<Sample> samples, int classes) =>
        [.. Enumerable.Range(0, classes).Select(label => samples.Count(sample => sample.Label == label && sample.Split == Split.Val))];
}
