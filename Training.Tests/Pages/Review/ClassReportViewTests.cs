using Bunit;
using Dashboard.Pages.Review;
using static Training.Tests.Pages.Review.ReviewRun;

namespace Training.Tests.Pages.Review;

public sealed class ClassReportViewTests : IAsyncDisposable
{
    private readonly ReviewRun _run = new("cat", "dog", "<script>alert(1)</script>");
    private readonly ReviewPage _page;

    public ClassReportViewTests()
    {
        _page = new ReviewPage(_run);
        _run.Epoch(Seen(0, 0, 0), Seen(1, 0, 0), Seen(2, 0, 1), Seen(3, 1, 1), Seen(4, 2, 2));
    }

    public async ValueTask DisposeAsync()
    {
        await _page.DisposeAsync();
        _run.Dispose();
    }

    [Fact]
    public async Task Report_OfAnEpoch_ShowsTheWeakestClassFirst()
    {
        var view = await _page.OpenAsync<ClassReportView>();

        view.WaitForAssertion(() => Assert.Equal(["dog", "cat", "<script>alert(1)</script>"], Names(view)));
        var dog = view.FindAll("tbody tr")[0].TextContent;
        Assert.Contains("50.0", dog, StringComparison.Ordinal);
        Assert.Contains("100.0", dog, StringComparison.Ordinal);
        Assert.Contains("66.7", dog, StringComparison.Ordinal);
        Assert.Empty(view.FindAll("script"));
    }

    [Fact]
    public async Task Row_OfAClass_LinksToMissedAndMistakenImages()
    {
        var view = await _page.OpenAsync<ClassReportView>();

        view.WaitForAssertion(() => Assert.Equal(
            ["1 mistaken for it → /runs/7?tab=images&epoch=1&predicted=1&wrong=true",
                "1 missed → /runs/7?tab=images&epoch=1&truth=0&wrong=true"],
            view.FindAll("tbody a.chip").Select(a => $"{a.TextContent} → {a.GetAttribute("href")}")));
    }

    [Fact]
    public async Task Header_Pressed_SortsAndTurnsTheOrder()
    {
        var view = await _page.OpenAsync<ClassReportView>("tab=classes");
        view.WaitForElement("thead button");

        view.FindAll("thead button").Single(b => b.TextContent.StartsWith("Images", StringComparison.Ordinal)).Click();
        view.WaitForAssertion(() => Assert.Equal("tab=classes&order=support", _page.Query));
        view.WaitForAssertion(() => Assert.Equal(["dog", "<script>alert(1)</script>", "cat"], Names(view)));

        view.FindAll("thead button").Single(b => b.TextContent.StartsWith("Images", StringComparison.Ordinal)).Click();
        view.WaitForAssertion(() => Assert.Equal("cat", Names(view)[0]));
        Assert.Equal("descending", view.FindAll("thead th")[4].GetAttribute("aria-sort"));
    }

    [Fact]
    public async Task Averages_OfTheReport_AreMacroAndWeighted()
    {
        var view = await _page.OpenAsync<ClassReportView>();

        view.WaitForAssertion(() => Assert.Equal(2, view.FindAll("tfoot tr").Count));
        // Recalls 2/3, 1, 1: macro 88.9 %; weighted by 3, 1, 1: 80 %.
        Assert.Contains("88.9", view.FindAll("tfoot tr")[0].TextContent, StringComparison.Ordinal);
        Assert.Contains("80.0", view.FindAll("tfoot tr")[1].TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Report_OfFewImages_HasRangesAndNoFiguresOfWhatWasNotMeasured()
    {
        _run.Epoch(Seen(0, 0, 0), Seen(1, 0, 0), Seen(2, 1, 1));

        var view = await _page.OpenAsync<ClassReportView>("tab=classes&epoch=2");

        view.WaitForAssertion(() => Assert.Equal("<script>alert(1)</script>", Names(view)[^1]));
        var rows = view.FindAll("tbody tr");
        Assert.Equal("not measured", rows[^1].QuerySelector(".chip")!.TextContent);
        Assert.Equal(["–", "–", "–"], rows[^1].QuerySelectorAll(".score").Select(cell => cell.TextContent.Trim()));
        // One of one is anything from a fifth on.
        var dog = rows.Single(row => row.QuerySelector(".name")!.TextContent == "dog");
        Assert.Contains("20.7–100.0 %", dog.TextContent, StringComparison.Ordinal);
        Assert.Equal("95 % interval of 1 image: 20.7–100.0 %", dog.QuerySelectorAll(".score")[1].GetAttribute("title"));
        // The average is over the two that were.
        Assert.Contains("100.0 %", view.FindAll("tfoot tr")[0].TextContent, StringComparison.Ordinal);
    }

    private static List<string> Names(IRenderedComponent<ClassReportView> view) =>
        [.. view.FindAll("tbody a.name").Select(a => a.TextContent)];
}
