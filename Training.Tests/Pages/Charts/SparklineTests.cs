using Bunit;
using Dashboard.Pages.Charts;
using Microsoft.Extensions.DependencyInjection;

namespace Training.Tests.Pages.Charts;

public sealed class SparklineTests : BunitContext
{
    public SparklineTests() => Services.AddLocalization();

    [Fact]
    public void Sparkline_WithoutValues_DrawsNothing() => Assert.Equal("", Show([]).Markup.Trim());

    [Fact]
    public void Sparkline_OfRisingValues_EndsHigherThanItBegins()
    {
        var path = Show([0.5, 0.7, 0.9]).Find("path").GetAttribute("d");

        Assert.Equal("M1,22 L46,12 L91,2", path);
    }

    [Fact]
    public void Sparkline_OfOneValue_IsADot() => Assert.NotNull(Show([0.5]).Find("circle"));

    [Fact]
    public void Sparkline_OfAThousandValues_StaysShortAndKeepsTheLast()
    {
        var path = Show([.. Enumerable.Range(0, 1000).Select(i => (double)i)]).Find("path").GetAttribute("d")!;

        Assert.InRange(path.Split(' ').Length, 2, 62);
        Assert.EndsWith("L91,2", path, StringComparison.Ordinal);
    }

    private IRenderedComponent<Sparkline> Show(IReadOnlyList<double> values) => Render<Sparkline>(p => p.Add(s => s.Values, values));
}
