using Training.Core.Metrics.Predictions;

namespace Training.Tests.Metrics.Predictions;

/// <summary>Predictions for tests.</summary>
internal static class Samples
{
    /// <summary>Of two classes.</summary>
    public static Prediction Of(int id, int truth, int predicted, float confidence = 0.9f, float loss = 0.1f) =>
        new(id, truth, [predicted, 1 - predicted], [confidence, 1 - confidence], loss);

    public static List<Prediction> Many(int count, int classes)
    {
        var random = new Random(5);
        return [.. Enumerable.Range(0, count).Select(id =>
        {
            var top = Enumerable.Range(0, Math.Min(classes, Prediction.TopK)).Select(k => (id + k) % classes).ToArray();
            var probabilities = top.Select((_, k) => random.NextSingle() / (1 << k)).OrderDescending().ToArray();
            return new Prediction(id, random.Next(classes), top, probabilities, random.NextSingle() * 5);
        })];
    }

    public static void AssertEqual(Prediction expected, Prediction found)
    {
        Assert.Equal((expected.SampleId, expected.Truth, expected.Loss), (found.SampleId, found.Truth, found.Loss));
        Assert.Equal(expected.TopClasses, found.TopClasses);
        Assert.Equal(expected.TopProbabilities, found.TopProbabilities);
    }
}
