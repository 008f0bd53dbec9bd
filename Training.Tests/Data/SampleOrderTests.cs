using Training.Core.Data;

namespace Training.Tests.Data;

public sealed class SampleOrderTests
{
    /// <summary>12 of one class, 3 of another.</summary>
    private static readonly IReadOnlyList<Sample> Uneven =
        [.. Enumerable.Range(0, 15).Select(id => new Sample(id, $"{id}.png", id < 12 ? 0 : 1, Split.Train))];

    [Fact]
    public void Of_NoBalance_IsEachOnceInAnotherOrderEveryEpoch()
    {
        var (first, again, second) = (Order(ClassBalanceKind.None, 1), Order(ClassBalanceKind.None, 1), Order(ClassBalanceKind.None, 2));

        Assert.Equal(Enumerable.Range(0, 15), first.Order());
        Assert.Equal(first, again);
        Assert.NotEqual(first, second);
    }

    [Fact]
    public void Of_Sampling_DrawsEveryClassAsOftenAndOtherImagesEveryEpoch()
    {
        var epochs = Enumerable.Range(1, 8).Select(epoch => Order(ClassBalanceKind.Sampling, epoch)).ToList();

        Assert.All(epochs, order =>
        {
            Assert.Equal(15, order.Length);
            Assert.InRange(order.Count(index => Uneven[index].Label == 1), 7, 8);
            // The small class repeats evenly, the large one not at all.
            Assert.All(order.Where(index => index >= 12).GroupBy(index => index), group => Assert.InRange(group.Count(), 2, 3));
            Assert.All(order.Where(index => index < 12).GroupBy(index => index), group => Assert.Single(group));
        });
        Assert.Equal(15, epochs.SelectMany(order => order).Distinct().Count());
    }

    private static int[] Order(ClassBalanceKind balance, int epoch) => SampleOrder.Of(Uneven, balance, seed: 3, epoch);
}
