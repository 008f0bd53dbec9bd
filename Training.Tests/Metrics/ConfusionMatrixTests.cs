using Training.Core.Metrics;

namespace Training.Tests.Metrics;

public sealed class ConfusionMatrixTests
{
    [Fact]
    public void Matrix_AfterSomeSamples_CountsRowsColumnsAndShares()
    {
        var matrix = Of((0, 0, 6), (0, 1, 2), (1, 1, 3), (1, 0, 1));

        Assert.Equal((12, 9), (matrix.Total, matrix.Correct));
        Assert.Equal(0.75, matrix.Accuracy);
        Assert.Equal((8, 4), (matrix.TruthCount(0), matrix.TruthCount(1)));
        Assert.Equal((7, 5), (matrix.PredictedCount(0), matrix.PredictedCount(1)));
        Assert.Equal(0.25, matrix.RowShare(0, 1));
    }

    [Fact]
    public void RowShare_OfAClassWithoutSamples_IsZero() => Assert.Equal(0, new ConfusionMatrix(2).RowShare(1, 0));

    [Fact]
    public void MostConfused_WithTies_GivesWrongCellsInFallingOrderThenRowOrder()
    {
        var matrix = Of((0, 0, 99), (2, 1, 4), (1, 0, 4), (0, 2, 7), (1, 2, 1));

        Assert.Equal(
            [new ConfusedPair(0, 2, 7), new ConfusedPair(1, 0, 4), new ConfusedPair(2, 1, 4)], matrix.MostConfused(3));
    }

    [Fact]
    public void MostConfused_WhenAllAreRight_IsEmpty() => Assert.Empty(Of((0, 0, 5), (1, 1, 5)).MostConfused(10));

    private static ConfusionMatrix Of(params (int Truth, int Predicted, int Count)[] cells)
    {
        var matrix = new ConfusionMatrix(3);
        foreach (var (truth, predicted, count) in cells)
            for (var i = 0; i < count; i++) matrix.Add(truth, predicted);
        return matrix;
    }
}
