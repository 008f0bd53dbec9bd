using System.Globalization;
using Training.Core.Metrics;

namespace Training.Tests.Metrics;

public sealed class MatrixLayoutTests
{
    [Theory]
    [InlineData(MatrixOrder.Name, "0 2 1")]
    [InlineData(MatrixOrder.Support, "2 0 1")]
    [InlineData(MatrixOrder.MostConfused, "1 0 2")]
    public void Of_AnOrder_SortsTheClasses(MatrixOrder order, string expected)
    {
        var matrix = Matrix(3, (0, 0, 5), (0, 1, 3), (1, 0, 2), (1, 1, 1), (2, 2, 9), (1, 2, 1));

        var layout = MatrixLayout.Of(matrix, label => new[] { "ant", "wasp", "bee" }[label], order);

        Assert.Equal(expected, string.Join(' ', layout.Shown));
        Assert.False(layout.HasOthers);
    }

    [Fact]
    public void Order_ByName_CountsAsPeopleDo()
    {
        string[] names = ["flower 10", "Flower 2", "flower 1"];

        var layout = MatrixLayout.Of(Matrix(3), label => names[label], MatrixOrder.Name);

        Assert.Equal([2, 1, 0], layout.Shown);
    }

    [Fact]
    public void Of_ManyClasses_ShowsAWindowAndSumsUpTheOthers()
    {
        var matrix = Matrix(1000, (0, 0, 7), (0, 999, 2), (999, 0, 3), (998, 997, 4), (5, 6, 1));

        var layout = MatrixLayout.Of(matrix, Name, MatrixOrder.Name);

        Assert.Equal((40, 41, true), (layout.Shown.Count, layout.Side, layout.HasOthers));
        Assert.Equal((7, 2, 3, 4), (layout.Count(0, 0), layout.Count(0, 40), layout.Count(40, 0), layout.Count(40, 40)));
        var sum = Enumerable.Range(0, 41).Sum(row => Enumerable.Range(0, 41).Sum(column => layout.Count(row, column)));
        Assert.Equal(matrix.Total, sum);
    }

    [Fact]
    public void Of_AWindowBeyondTheEnd_ShowsTheLastClasses()
    {
        var layout = MatrixLayout.Of(Matrix(45, (44, 44, 1)), Name, MatrixOrder.Name, from: 4000);

        Assert.Equal((5, 44), (layout.From, layout.Shown[^1]));
    }

    [Fact]
    public void Shade_OnALogarithmicScale_ShowsOneAmongThousands()
    {
        var layout = MatrixLayout.Of(Matrix(2, (0, 0, 9999), (0, 1, 1)), Name, MatrixOrder.Name);

        Assert.Equal(1, layout.Shade(0, 0, percent: false), 6);
        Assert.InRange(layout.Shade(0, 1, percent: false), 0.07, 0.08);
        Assert.Equal(0, layout.Shade(1, 0, percent: false));
        Assert.Equal(0, layout.Shade(1, 0, percent: true));
        Assert.Equal(0.9999, layout.Share(0, 0), 6);
    }

    private static string Name(int label) => label.ToString("D4", CultureInfo.InvariantCulture);

    private static ConfusionMatrix Matrix(int classes, params (int Truth, int Predicted, int Count)[] cells)
    {
        var matrix = new ConfusionMatrix(classes);
        foreach (var (truth, predicted, count) in cells)
            for (var i = 0; i < count; i++) matrix.Add(truth, predicted);
        return matrix;
    }
}
