using Training.Core.Metrics;
using Training.Tests.TestKit;

namespace Training.Tests.Metrics;

public sealed class ClassReportTests
{
    private const double Tolerance = 1e-12;

    public static TheoryData<string> Names => [.. Reference.Cases("Metrics", "class_report.txt").Select(parts => parts[0])];

    [Theory]
    [MemberData(nameof(Names))]
    public void Report_OfAnyMatrix_IsWhatScikitLearnSays(string name)
    {
        var parts = Reference.Cases("Metrics", "class_report.txt").Single(each => each[0] == name);

        var report = ClassReport.Of(Matrix(parts[1]));

        var classes = parts[2].Split(';').Select(Reference.Numbers).ToArray();
        Assert.Equal(classes.Length, report.Classes.Count);
        foreach (var (score, expected) in report.Classes.Zip(classes))
        {
            AssertEqual(expected, score);
            Assert.Equal(expected[3], score.Support);
        }
        AssertEqual(Reference.Numbers(parts[3]), report.MacroAverage);
        AssertEqual(Reference.Numbers(parts[4]), report.WeightedAverage);
        Assert.Equal(Reference.Numbers(parts[5])[0], report.Accuracy, Tolerance);
    }

    [Fact]
    public void Report_OfNothing_HasZerosAndNoAccuracy()
    {
        var report = ClassReport.Of(new ConfusionMatrix(3));

        Assert.All(report.Classes, score => Assert.Equal(new ClassScore(0, 0, 0, 0), score));
        Assert.Equal(new ClassScore(0, 0, 0, 0), report.WeightedAverage);
        Assert.True(double.IsNaN(report.Accuracy));
        Assert.Null(report.Interval);
    }

    [Fact]
    public void Report_OfAClassWithoutSamples_LeavesItOutOfTheAverages()
    {
        // Everything is right; the third class was never shown.
        var report = ClassReport.Of(Matrix("4,0,0;0,2,0;0,0,0"));

        Assert.False(report.Classes[2].IsMeasured);
        Assert.Null(report.Classes[2].RecallInterval);
        Assert.Equal((1, 1, 1), (report.MacroAverage.Precision, report.MacroAverage.Recall, report.MacroAverage.F1));
    }

    [Fact]
    public void Report_OfAMatrix_HasTheIntervalsOfItsCounts()
    {
        var report = ClassReport.Of(Matrix("9,1;0,1"));

        Assert.Equal(WilsonInterval.Of(10, 11), report.Interval);
        Assert.Equal((WilsonInterval.Of(9, 10), WilsonInterval.Of(9, 9)),
            (report.Classes[0].RecallInterval, report.Classes[0].PrecisionInterval));
        Assert.Equal((WilsonInterval.Of(1, 1), WilsonInterval.Of(1, 2)),
            (report.Classes[1].RecallInterval, report.Classes[1].PrecisionInterval));
    }

    private static ConfusionMatrix Matrix(string text)
    {
        var rows = text.Split(';').Select(Reference.Numbers).ToArray();
        var matrix = new ConfusionMatrix(rows.Length);
        for (var truth = 0; truth < rows.Length; truth++)
            for (var predicted = 0; predicted < rows.Length; predicted++)
                for (var i = 0; i < rows[truth][predicted]; i++) matrix.Add(truth, predicted);
        return matrix;
    }

    private static void AssertEqual(double[] expected, ClassScore score)
    {
        Assert.Equal(expected[0], score.Precision, Tolerance);
        Assert.Equal(expected[1], score.Recall, Tolerance);
        Assert.Equal(expected[2], score.F1, Tolerance);
    }
}
