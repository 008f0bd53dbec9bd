using Bunit;
using Dashboard.Pages.Charts;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.JSInterop;
using Training.Core.Metrics;
using Training.Tests.TestKit;

namespace Training.Tests.Pages.Charts;

public sealed class LineChartTests : ComponentTests
{
    private readonly BunitJSModuleInterop _module;

    public LineChartTests()
    {
        _module = JSInterop.SetupModule(call => call.Identifier == "import");
        _module.Mode = JSRuntimeMode.Loose;
    }

    [Fact]
    public void Chart_WithoutPoints_SaysSoAndLoadsNoLibrary()
    {
        var chart = Show([], nothing: "The first point comes with the first step.");

        Assert.Contains("The first point comes with the first step.", chart.Markup, StringComparison.Ordinal);
        Assert.Empty(_module.Invocations);
    }

    [Fact]
    public void Chart_WithPoints_IsCreatedOnceWithAllOfThem()
    {
        Show([new(1, 0.5), new(2, 0.4)]);

        var change = Change(Assert.Single(_module.Invocations["create"]), argument: 2);
        Assert.NotNull(change.Settings);
        Assert.Equal([1, 0.5, 2, 0.4], Assert.Single(change.Points).Tail);
    }

    [Fact]
    public void Chart_WithOneMorePoint_SendsOnlyThatPoint()
    {
        var chart = Show([new(1, 0.5), new(2, 0.4)]);

        chart.Render(p => p.Add(c => c.Series, Series([new(1, 0.5), new(2, 0.4), new(3, 0.3)])));

        var change = Change(Assert.Single(_module.Invocations["update"]));
        Assert.Null(change.Settings);
        Assert.Null(change.Lines);
        var points = Assert.Single(change.Points);
        Assert.Equal(2, points.Keep);
        Assert.Equal([3, 0.3], points.Tail);
    }

    [Fact]
    public void Chart_RenderedAgainWithTheSame_SendsNothing()
    {
        var chart = Show([new(1, 0.5)]);

        chart.Render(p => p.Add(c => c.Series, Series([new(1, 0.5)])));

        Assert.Empty(_module.Invocations["update"]);
    }

    [Fact]
    public void Chart_WithNaN_MarksTheStepWhereItBegan()
    {
        Show([new(1, 0.5), new(212, double.NaN), new(213, double.NaN)]);

        var mark = Assert.Single(Change(_module.Invocations["create"][0], argument: 2).Settings!.Marks);
        Assert.Equal("NaN at step 212", mark.Text);
        Assert.Equal(212, mark.X);
    }

    [Fact]
    public void LegendButton_Clicked_HidesItsLine()
    {
        var chart = Show([new(1, 0.5)]);

        chart.Find(".names button").Click();

        Assert.Equal(["loss"], Change(Assert.Single(_module.Invocations["update"])).Settings!.Hidden);
        Assert.Equal("false", chart.Find(".names button").GetAttribute("aria-pressed"));
    }

    [Fact]
    public async Task Zoom_InTheBrowser_ReachesThePage()
    {
        ChartRange? zoomed = null;
        var chart = Render<LineChart>(p =>
            p.Add(c => c.Title, "Loss").Add(c => c.Series, Series([new(1, 1)])).Add(c => c.OnZoom, range => zoomed = range));

        await chart.InvokeAsync(() => chart.Instance.Zoomed(100, 200));

        Assert.Equal(new ChartRange(100, 200), zoomed);
    }

    [Fact]
    public async Task Chart_OfAPageThatIsLeft_IsDestroyedAndItsScriptGivenBack()
    {
        var browser = new ScriptCalls();
        Services.AddSingleton<IJSRuntime>(browser);
        Show([new(1, 0.5)]);

        await DisposeComponentsAsync();

        Assert.Equal(["import", "create", "destroy", "given back"], browser.Calls);
    }

    private IRenderedComponent<LineChart> Show(IReadOnlyList<CurvePoint> points, string? nothing = null) =>
        Render<LineChart>(p => p.Add(c => c.Title, "Loss").Add(c => c.Series, Series(points)).Add(c => c.Nothing, nothing));

    private static IReadOnlyList<ChartSeries> Series(IReadOnlyList<CurvePoint> points) =>
        [new("loss", "training", "--c1", new CurveView(1, points, points.Count))];

    private sealed class ScriptCalls : IJSRuntime, IJSObjectReference
    {
        public List<string> Calls { get; } = [];

        public ValueTask<TValue> InvokeAsync<TValue>(string identifier, object?[]? args)
        {
            Calls.Add(identifier);
            return ValueTask.FromResult(identifier == "import" ? (TValue)(object)this : default!);
        }

        public ValueTask<TValue> InvokeAsync<TValue>(string identifier, CancellationToken cancellationToken, object?[]? args) =>
            InvokeAsync<TValue>(identifier, args);

        public ValueTask DisposeAsync()
        {
            Calls.Add("given back");
            return ValueTask.CompletedTask;
        }
    }

    private static ChartChange Change(JSRuntimeInvocation call, int argument = 1) => Assert.IsType<ChartChange>(call.Arguments[argument]);
}
