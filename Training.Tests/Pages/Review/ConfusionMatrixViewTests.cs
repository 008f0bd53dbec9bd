using Bunit;
using Dashboard.Pages.Review;
using static Training.Tests.Pages.Review.ReviewRun;

namespace Training.Tests.Pages.Review;

public sealed class ConfusionMatrixViewTests : IAsyncDisposable
{
    private readonly ReviewRun _run = new("cat", "<script>alert(1)</script>", "토끼 \"큰\"");
    private readonly ReviewPage _page;

    public ConfusionMatrixViewTests() => _page = new ReviewPage(_run);

    public async ValueTask DisposeAsync()
    {
        await _page.DisposeAsync();
        _run.Dispose();
    }

    [Fact]
    public async Task Matrix_BeforeTheFirstEpoch_SaysWhenItComes()
    {
        var view = await _page.OpenAsync<ConfusionMatrixView>();

        Assert.Contains("The first predictions come with the end of epoch 1.", view.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Matrix_OfARunThatBeginsWithItsHead_SaysWhenItComesAndShowsIt()
    {
        _run.Row.RecipeJson = """{"dataset":"3","mode":"fineTune","headEpochs":5}""";
        var view = await _page.OpenAsync<ConfusionMatrixView>();
        Assert.Contains("The first predictions come with epoch 0, the head alone", view.Markup, StringComparison.Ordinal);

        _run.Head(Seen(0, 0, 0), Seen(1, 0, 2));
        _page.Refresh(view);

        view.WaitForAssertion(() =>
            Assert.Equal("Epoch 0 the head alone",
                string.Join(' ', view.Find(".epoch-name").TextContent.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))));
        Assert.Contains("1 of 2 right · 9.5–90.5 %", view.Markup, StringComparison.Ordinal);
        Assert.Equal("/runs/7?tab=images&epoch=0&truth=0&predicted=2", view.Find("td.wrong a").GetAttribute("href"));
    }

    [Fact]
    public async Task Matrix_AtTheAddressOfEpochZero_ShowsItAmongLaterOnes()
    {
        _run.Head(Seen(0, 0, 2)).Epoch(Seen(0, 0, 0)).End(best: 1);

        var view = await _page.OpenAsync<ConfusionMatrixView>("tab=matrix&epoch=0");

        view.WaitForAssertion(() =>
            Assert.Equal("/runs/7?tab=images&epoch=0&truth=0&predicted=2", view.Find("td.wrong a").GetAttribute("href")));
    }

    [Fact]
    public async Task Cell_OfAConfusion_LinksToExactlyThoseImagesOfThatEpoch()
    {
        _run.Epoch(Seen(0, 0, 0), Seen(1, 0, 2), Seen(2, 0, 2), Seen(3, 1, 1));
        var view = await _page.OpenAsync<ConfusionMatrixView>();

        view.WaitForAssertion(() =>
        {
            var cell = view.Find("td.wrong a");
            Assert.Equal("/runs/7?tab=images&epoch=1&truth=0&predicted=2", cell.GetAttribute("href"));
            Assert.Equal("2 cat seen as 토끼 \"큰\"", cell.GetAttribute("title"));
            Assert.Equal("2", cell.TextContent);
        });
    }

    [Fact]
    public async Task Matrix_WithNamesThatLookLikeCode_ShowsThemAsText()
    {
        _run.Epoch(Seen(0, 1, 1), Seen(1, 1, 2));
        var view = await _page.OpenAsync<ConfusionMatrixView>();

        view.WaitForAssertion(() => Assert.Equal(
            ["<script>alert(1)</script>", "cat", "토끼 \"큰\""], view.FindAll("tbody th a").Select(a => a.TextContent)
                .Order(StringComparer.Ordinal)));
        Assert.Empty(view.FindAll("script"));
    }

    [Fact]
    public async Task Matrix_WhileNobodyPickedAnEpoch_FollowsTheNewest()
    {
        _run.Epoch(Seen(0, 0, 1));
        var view = await _page.OpenAsync<ConfusionMatrixView>();
        view.WaitForAssertion(() => Assert.Single(view.FindAll("td.wrong")));

        _run.Epoch(Seen(0, 0, 0));
        _page.Refresh(view);

        view.WaitForAssertion(() => Assert.Empty(view.FindAll("td.wrong")));
        Assert.Equal("Epoch 2", view.Find(".epoch-name b").TextContent);
    }

    [Fact]
    public async Task Matrix_OfAPickedEpoch_StaysAndOffersTheNewOne()
    {
        _run.Epoch(Seen(0, 0, 1)).Epoch(Seen(0, 0, 0));
        var view = await _page.OpenAsync<ConfusionMatrixView>("tab=matrix&epoch=1");
        view.WaitForAssertion(() => Assert.Single(view.FindAll("td.wrong")));
        Assert.Empty(view.FindAll("[data-test=offered]"));

        _run.Epoch(Seen(0, 0, 0));
        _page.Refresh(view);

        view.WaitForAssertion(() => Assert.Equal("Epoch 3 is there: show", view.Find("[data-test=offered]").TextContent));
        Assert.Single(view.FindAll("td.wrong"));

        view.Find("[data-test=offered]").Click();
        view.WaitForAssertion(() => Assert.Empty(view.FindAll("td.wrong")));
        Assert.Equal("tab=matrix", _page.Query);
    }

    [Fact]
    public async Task Slider_Dragged_ShowsTheEpochAndReleased_PutsItInTheAddress()
    {
        _run.Epoch(Seen(0, 0, 1)).Epoch(Seen(0, 0, 0));
        var view = await _page.OpenAsync<ConfusionMatrixView>("tab=matrix");
        view.WaitForAssertion(() => Assert.Single(view.FindAll("td.right")));

        view.Find("input[type=range]").Input("0");
        view.WaitForAssertion(() => Assert.Single(view.FindAll("td.wrong")));
        Assert.Equal("tab=matrix", _page.Query);

        view.Find("input[type=range]").Change("0");
        view.WaitForAssertion(() => Assert.Equal("tab=matrix&epoch=1", _page.Query));
    }

    [Fact]
    public async Task Matrix_OfAnEndedRun_ShowsTheBestEpoch()
    {
        _run.Epoch(Seen(0, 0, 0)).Epoch(Seen(0, 0, 1)).End(best: 1);
        var view = await _page.OpenAsync<ConfusionMatrixView>();

        view.WaitForAssertion(() => Assert.Single(view.FindAll("td.right")));
        Assert.Contains("the kept model", view.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Percent_OfARow_DividesByItsClass()
    {
        _run.Epoch(Seen(0, 0, 0), Seen(1, 0, 0), Seen(2, 0, 0), Seen(3, 0, 2));
        var view = await _page.OpenAsync<ConfusionMatrixView>("tab=matrix");
        view.WaitForAssertion(() => Assert.Equal("3", view.Find("td.right a").TextContent));

        view.FindAll(".seg button").Single(b => b.TextContent == "% of row").Click();

        view.WaitForAssertion(() => Assert.Equal("75", view.Find("td.right a").TextContent));
        Assert.Equal("25", view.Find("td.wrong a").TextContent);
        Assert.Equal("tab=matrix&percent=true", _page.Query);
    }

    [Fact]
    public async Task Pairs_OfAllMistakes_AreLinksMostFrequentFirst()
    {
        _run.Epoch(Seen(0, 0, 1), Seen(1, 2, 0), Seen(2, 2, 0), Seen(3, 1, 1));
        var view = await _page.OpenAsync<ConfusionMatrixView>();

        view.WaitForAssertion(() => Assert.Equal(
            ["/runs/7?tab=images&epoch=1&truth=2&predicted=0", "/runs/7?tab=images&epoch=1&truth=0&predicted=1"],
            view.FindAll("a.pair").Select(a => a.GetAttribute("href")!)));
    }

    [Fact]
    public async Task Matrix_OfAnEpochWithoutPredictions_SaysSo()
    {
        _run.Epoch(Seen(0, 0, 0));
        var view = await _page.OpenAsync<ConfusionMatrixView>("tab=matrix&epoch=9");

        view.WaitForAssertion(() => Assert.Contains("Epoch 9 was not evaluated", view.Markup, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Matrix_OfADamagedFile_NamesItAndTheWayOut()
    {
        _run.Epoch(Seen(0, 0, 0));
        await File.WriteAllTextAsync(_run.Folder.Predictions(1), "no parquet");
        var view = await _page.OpenAsync<ConfusionMatrixView>();

        view.WaitForAssertion(() =>
        {
            var words = view.Find("[role=alert]").TextContent;
            Assert.Contains("epoch-0001.parquet", words, StringComparison.Ordinal);
            Assert.Contains("Choose another epoch", words, StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task Matrix_OfManyClasses_ShowsTheMostConfusedAndAWayToTheRest()
    {
        using var many = new ReviewRun([.. Enumerable.Range(0, 60).Select(i => $"class {i:D2}")]);
        await using var page = new ReviewPage(many);
        many.Epoch([.. Enumerable.Range(0, 60).Select(i => Seen(i, i, i)), Seen(60, 55, 59), Seen(61, 3, 59)]);

        var view = await page.OpenAsync<ConfusionMatrixView>("tab=matrix");
        view.WaitForAssertion(() => Assert.Equal("class 59", view.Find("tbody th a").TextContent));
        Assert.Equal(41, view.FindAll("tbody tr").Count);
        Assert.Contains("Classes 1–40 of 60", view.Markup, StringComparison.Ordinal);

        view.Find("[aria-label='Classes after']").Click();
        view.WaitForAssertion(() => Assert.Contains("Classes 21–60 of 60", view.Markup, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Cells_OfManyClasses_AreOfferedInThreeSizesThatTheAddressKeeps()
    {
        using var many = new ReviewRun([.. Enumerable.Range(0, 40).Select(i => $"class {i:D2}")]);
        await using var page = new ReviewPage(many);
        many.Epoch([.. Enumerable.Range(0, 40).Select(i => Seen(i, i, i))]);
        var view = await page.OpenAsync<ConfusionMatrixView>("tab=matrix");
        view.WaitForAssertion(() => Assert.Equal("matrix dense", view.Find("table").ClassName));

        view.FindAll(".seg button").Single(button => button.TextContent == "fit").Click();

        view.WaitForAssertion(() => Assert.Equal("matrix fit", view.Find("table").ClassName));
        Assert.Equal("tab=matrix&cells=fit", page.Query);
        Assert.Equal(40 * 40, view.FindAll("td").Count);
        view.FindAll(".seg button").Single(button => button.TextContent == "% of row").Click();
        view.WaitForAssertion(() => Assert.Equal("tab=matrix&percent=true&cells=fit", page.Query));
        view.FindAll(".seg button").Single(button => button.TextContent == "large").Click();
        view.WaitForAssertion(() => Assert.Equal("matrix dense large", view.Find("table").ClassName));
    }

    [Fact]
    public async Task Cells_OfFewClasses_HaveOneSizeWhateverTheAddressSays()
    {
        _run.Epoch(Seen(0, 0, 0), Seen(1, 1, 1));

        var view = await _page.OpenAsync<ConfusionMatrixView>("tab=matrix&cells=fit");

        view.WaitForAssertion(() => Assert.Equal("matrix", view.Find("table").ClassName!.Trim()));
        Assert.Empty(view.FindAll("[aria-label='Size of the cells']"));
    }
}
