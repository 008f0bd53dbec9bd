using Training.Core.Metrics.Predictions;

namespace Training.Tests.Metrics.Predictions;

public sealed class PredictionQueryTests
{
    private static readonly Prediction[] All =
    [
        Samples.Of(1, truth: 0, predicted: 0, confidence: 0.99f, loss: 0.01f),
        Samples.Of(2, truth: 0, predicted: 1, confidence: 0.80f, loss: 1.61f),
        Samples.Of(3, truth: 1, predicted: 1, confidence: 0.60f, loss: 0.51f),
        Samples.Of(4, truth: 1, predicted: 0, confidence: 0.95f, loss: 3.00f),
        Samples.Of(5, truth: 0, predicted: 1, confidence: 0.80f, loss: 1.61f),
        Samples.Of(6, truth: 1, predicted: 1, confidence: float.NaN, loss: float.NaN),
    ];

    [Fact]
    public void Query_WithoutAnyFilter_GivesAllWithWrongOnesFirst() =>
        Assert.Equal([4, 2, 5, 6, 3, 1], Ids(new PredictionQuery()));

    [Theory]
    [InlineData(PredictionSort.LossDescending, new[] { 6, 4, 2, 5, 3, 1 })]
    [InlineData(PredictionSort.LossAscending, new[] { 1, 3, 2, 5, 4, 6 })]
    [InlineData(PredictionSort.ConfidenceDescending, new[] { 1, 4, 2, 5, 3, 6 })]
    [InlineData(PredictionSort.ConfidenceAscending, new[] { 6, 3, 2, 5, 4, 1 })]
    [InlineData(PredictionSort.SampleId, new[] { 1, 2, 3, 4, 5, 6 })]
    public void Sort_WithTies_GoesOnBySampleId(PredictionSort sort, int[] expected) =>
        Assert.Equal(expected, Ids(new PredictionQuery { Sort = sort }));

    [Fact]
    public void Wrong_True_GivesWrongOnesOnly() => Assert.Equal([2, 4, 5], Ids(InOrder with { Wrong = true }));

    [Fact]
    public void Wrong_False_GivesRightOnesOnly() => Assert.Equal([1, 3, 6], Ids(InOrder with { Wrong = false }));

    [Fact]
    public void TruthAndPredicted_Together_AreOneCellOfTheMatrix() =>
        Assert.Equal([2, 5], Ids(InOrder with { Truth = 0, Predicted = 1 }));

    [Fact]
    public void Confidence_Bounds_AreInclusive() =>
        Assert.Equal([2, 4, 5, 6], Ids(InOrder with { MinConfidence = 0.80f, MaxConfidence = 0.95f }));

    private static PredictionQuery InOrder => new() { Sort = PredictionSort.SampleId };

    private static int[] Ids(PredictionQuery query) => [.. query.Apply(All).Select(prediction => prediction.SampleId)];
}
