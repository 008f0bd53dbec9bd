using Training.Core.Data;
using Training.Core.Metrics;

namespace Training.Tests.Metrics;

public sealed class CoverageTests
{
    [Fact]
    public void Of_AManifest_NamesClassesWithoutAndWithASingleValidationImage()
    {
        var samples = new[]
        {
            new Sample(0, "a/0", 0, Split.Train), new Sample(1, "a/1", 0, Split.Val), new Sample(2, "a/2", 0, Split.Val),
            new Sample(3, "b/0", 1, Split.Train), new Sample(4, "b/1", 1, Split.Val), new Sample(5, "c/0", 2, Split.Train),
        };

        var coverage = Coverage.Of(new DatasetManifest("x", "/x", ["a", "b", "c"], samples));

        Assert.Equal(["c"], coverage.Never);
        Assert.Equal(["b"], coverage.Once);
        Assert.Equal(
            ["Never measured, for want of an image: 'c'. The accuracy says nothing about it.",
                "Measured on a single image, so 0 % or 100 %: 'b'."],
            coverage.Sentences());
    }

    [Fact]
    public void Sentences_OfManyClasses_NameTheFirstAndCountTheRest()
    {
        var coverage = Coverage.Of([.. Enumerable.Range(1, 12).Select(number => $"c{number}")], _ => 0);

        Assert.Contains("'c1', 'c2', 'c3', 'c4', 'c5' and 7 more", Assert.Single(coverage.Sentences()), StringComparison.Ordinal);
    }

    [Fact]
    public void Sentences_WhereEveryClassHasSeveral_AreNone() => Assert.Empty(Coverage.Of(["a", "b"], _ => 2).Sentences());
}
