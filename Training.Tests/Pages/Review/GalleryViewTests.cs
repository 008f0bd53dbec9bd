using Bunit;
using Dashboard.Pages.Review;
using Dashboard.Storage;
using Microsoft.AspNetCore.Components.Web;
using Training.Core.Metrics.Predictions;
using static Training.Tests.Pages.Review.ReviewRun;

namespace Training.Tests.Pages.Review;

public sealed class GalleryViewTests : IAsyncDisposable
{
    private static readonly Prediction[] Five =
        [Seen(10, 0, 0, 0.6f), Seen(11, 0, 1, 0.7f), Seen(12, 1, 1, 0.9f), Seen(13, 1, 0, 0.95f), Seen(14, 2, 2, 0.99f)];

    private readonly ReviewRun _run = new("cat", "dog", "<script>alert(1)</script>");
    private readonly ReviewPage _page;

    public GalleryViewTests() => _page = new ReviewPage(_run);

    public async ValueTask DisposeAsync()
    {
        await _page.DisposeAsync();
        _run.Dispose();
    }

    [Fact]
    public async Task Gallery_OfAnEpoch_ShowsEveryImageWrongOnesFirst()
    {
        _run.Epoch(Five);
        var view = await _page.OpenAsync<GalleryView>();

        view.WaitForAssertion(() => Assert.Equal([13, 11, 10, 12, 14], Samples(view)));
        Assert.Equal("2 of 5 validation images are wrong", view.Find("h2.sentence").TextContent);
        Assert.Equal("/thumbs/3/13?run=7", view.Find(".shot img").GetAttribute("src"));
        Assert.Equal(["wrong", "wrong", "right", "right", "right"], view.FindAll(".shot .mark").Select(m => m.TextContent));
    }

    [Fact]
    public async Task Card_OfAPrediction_ShowsTruthAndProbabilities()
    {
        _run.Epoch(Five);
        var view = await _page.OpenAsync<GalleryView>();

        view.WaitForAssertion(() => Assert.Equal("dog", view.Find(".shot .truth b").TextContent));
        var guesses = view.FindAll(".shot .guess").Take(2).ToList();
        Assert.Equal(["cat", "dog"], guesses.Select(g => g.QuerySelector(".clip")!.TextContent));
        Assert.Equal(["width:95%", "width:5%"], guesses.Select(g => g.QuerySelector("i")!.GetAttribute("style")));
        Assert.Empty(view.FindAll("script"));
    }

    [Theory]
    [InlineData("truth=0&predicted=1&wrong=", "11")]
    [InlineData("wrong=true", "13 11")]
    [InlineData("wrong=false", "10 12 14")]
    [InlineData("min=0.65&max=0.92", "11 12")]
    [InlineData("sort=confidenceAscending", "10 11 12 13 14")]
    [InlineData("sort=nonsense&truth=x&min=7", "13 11 10 12 14")]
    public async Task Gallery_AtAnAddress_ShowsExactlyWhatItSays(string query, string samples)
    {
        _run.Epoch(Five);
        var view = await _page.OpenAsync<GalleryView>("tab=images&" + query);

        view.WaitForAssertion(() => Assert.Equal(samples, string.Join(' ', Samples(view))));
    }

    [Fact]
    public async Task Filter_Pressed_EndsUpInTheAddress()
    {
        _run.Epoch(Five);
        var view = await _page.OpenAsync<GalleryView>("tab=images&truth=1");
        view.WaitForAssertion(() => Assert.Equal([13, 12], Samples(view)));

        view.FindAll(".filters .seg button").Single(b => b.TextContent == "Wrong 2").Click();

        view.WaitForAssertion(() => Assert.Equal("tab=images&truth=1&wrong=true", _page.Query));
        view.WaitForAssertion(() => Assert.Equal([13], Samples(view)));
        Assert.Contains("1 image: truth dog, wrong", view.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Gallery_WithoutAMatch_OffersToShowAll()
    {
        _run.Epoch(Five);
        var view = await _page.OpenAsync<GalleryView>("tab=images&truth=2&wrong=true");

        view.WaitForElement(".empty .btn-s").Click();

        view.WaitForAssertion(() => Assert.Equal(5, Samples(view).Count));
    }

    [Fact]
    public async Task Gallery_AtRest_FollowsTheNewestEpoch()
    {
        _run.Epoch(Five);
        var view = await _page.OpenAsync<GalleryView>("tab=images");

        _run.Epoch(Seen(10, 0, 0));
        _page.Refresh(view);

        view.WaitForAssertion(() => Assert.Equal("All 1 validation images are right", view.Find("h2.sentence").TextContent));
    }

    [Theory]
    [InlineData("tab=images&wrong=true", false)]
    [InlineData("tab=images&sample=13", false)]
    [InlineData("tab=images", true)]
    public async Task Gallery_WhileSomeoneLooks_StaysAndOffersTheNewEpoch(string query, bool isScrolled)
    {
        _run.Epoch(Five);
        var view = await _page.OpenAsync<GalleryView>(query);
        view.WaitForElement(".shot");
        if (isScrolled) await view.InvokeAsync(() => view.Instance.SetScrolled(true));

        _run.Epoch(Seen(10, 0, 0));
        _page.Refresh(view);

        view.WaitForAssertion(() => Assert.Equal("Epoch 2 is there: show", view.Find("[data-test=offered]").TextContent));
        Assert.Equal("2 of 5 validation images are wrong", view.Find("h2.sentence").TextContent);

        await view.Find("[data-test=offered]").ClickAsync(new MouseEventArgs());
        view.WaitForAssertion(() => Assert.Equal("All 1 validation images are right", view.Find("h2.sentence").TextContent));
    }

    [Fact]
    public async Task LargeView_OfAnAddress_ShowsAllThatIsKnown()
    {
        _run.Epoch(Seen(13, 1, 0)).Epoch(Five);
        var view = await _page.OpenAsync<GalleryView>("tab=images&sample=13");

        view.WaitForAssertion(() =>
            Assert.Equal("Never learned: wrong in every epoch so far.", view.Find("[data-test=history]").TextContent));
        Assert.Equal("/images/3/13?run=7", view.Find("dialog .picture img").GetAttribute("src"));
        Assert.Contains("1 of 5", view.Find("dialog .facts").TextContent, StringComparison.Ordinal);
        Assert.Equal("/runs/7?tab=images&epoch=1&sample=13", view.Find(".history a").GetAttribute("href"));
        Assert.Equal(["/images/3/11?run=7", "/images/3/10?run=7"], view.FindAll("dialog img[hidden]").Select(i => i.GetAttribute("src")!));
    }

    [Fact]
    public async Task LargeView_OfAPhotoMovedIntoAnotherClass_SaysWhereItIsAndWhatItsLabelIsNow()
    {
        _run.Epoch(Five);
        await _page.StoreAsync(new DatasetRow { Id = 3, Name = "trash", Root = "/photos", Classes = ["cat", "dog"] },
            Sample(10, "cats/10.jpg", 0, "bb", gone: true), Sample(13, "dogs/13.jpg", 1, "aa", gone: true),
            Sample(20, "cats/sorted.jpg", 0, "aa"));
        var view = await _page.OpenAsync<GalleryView>("tab=images&sample=13");

        view.WaitForAssertion(() => Assert.Equal("now in cats/sorted.jpg, labelled cat", view.Find("[data-test=moved]").TextContent));
        Assert.Equal("/datasets/3?label=0", view.FindAll("dialog .facts a.btn-s")[1].GetAttribute("href"));

        await view.InvokeAsync(() => _page.Navigation.NavigateTo("/runs/7?tab=images&sample=10"));
        view.WaitForAssertion(() => Assert.Contains("cats/10.jpg", view.Find("dialog dl").TextContent, StringComparison.Ordinal));
        Assert.Empty(view.FindAll("[data-test=moved]"));
    }

    [Fact]
    public async Task LargeView_ByArrowKeys_MovesAtOnceAndTheAddressFollows()
    {
        _run.Epoch(Five);
        var view = await _page.OpenAsync<GalleryView>("tab=images&sample=13");

        Press(view, "ArrowRight");
        Press(view, "ArrowRight");
        view.WaitForAssertion(() => Assert.Equal("/images/3/10?run=7", view.Find("dialog .picture img").GetAttribute("src")));
        Assert.Equal("tab=images&sample=13", _page.Query);

        _page.Clock.Advance(TimeSpan.FromSeconds(1));
        view.WaitForAssertion(() => Assert.Equal("tab=images&sample=10", _page.Query));

        Press(view, "End");
        view.WaitForAssertion(() => Assert.Equal("/images/3/14?run=7", view.Find("dialog .picture img").GetAttribute("src")));
        Press(view, "ArrowLeft");
        view.WaitForAssertion(() => Assert.Equal("/images/3/12?run=7", view.Find("dialog .picture img").GetAttribute("src")));
        Press(view, "Home");
        view.WaitForAssertion(() => Assert.Equal("/images/3/13?run=7", view.Find("dialog .picture img").GetAttribute("src")));
    }

    [Fact]
    public async Task LargeView_OnEscape_ClosesAndKeepsTheFilters()
    {
        _run.Epoch(Five);
        var view = await _page.OpenAsync<GalleryView>("tab=images&wrong=true&sample=13");

        Press(view, "Escape");

        view.WaitForAssertion(() => Assert.Empty(view.FindAll("dialog")));
        Assert.Equal("tab=images&wrong=true", _page.Query);
    }

    [Fact]
    public async Task LargeView_ByTheBrowsersBack_FollowsTheAddress()
    {
        _run.Epoch(Five);
        var view = await _page.OpenAsync<GalleryView>("tab=images&sample=13");
        view.WaitForElement("dialog");

        await view.InvokeAsync(() => _page.Navigation.NavigateTo("/runs/7?tab=images"));
        view.WaitForAssertion(() => Assert.Empty(view.FindAll("dialog")));

        await view.InvokeAsync(() => _page.Navigation.NavigateTo("/runs/7?tab=images&sample=11"));
        view.WaitForAssertion(() => Assert.Equal("/images/3/11?run=7", view.Find("dialog .picture img").GetAttribute("src")));
    }

    [Fact]
    public async Task LargeView_OfAnUnknownImage_SaysSo()
    {
        _run.Epoch(Five);
        var view = await _page.OpenAsync<GalleryView>("tab=images&sample=999");

        view.WaitForAssertion(() => Assert.Contains(
            "Image 999 is not among the validation images", view.Find("[role=alert]").TextContent, StringComparison.Ordinal));
        Assert.Empty(view.FindAll("dialog"));
    }

    [Fact]
    public async Task Gallery_BeforeTheFirstEpoch_SaysWhenItComes()
    {
        var view = await _page.OpenAsync<GalleryView>();

        Assert.Contains("The first predictions come with the end of epoch 1.", view.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Gallery_OfANarrowPage_HasAsManyColumnsAsFit()
    {
        _run.Epoch(Five);
        var view = await _page.OpenAsync<GalleryView>();
        view.WaitForElement(".shot");

        await view.InvokeAsync(() => view.Instance.SetColumns(2));

        Assert.Equal(3, view.FindAll(".shot-row").Count);
        Assert.Equal([13, 11, 10, 12, 14], Samples(view));
    }

    private static SampleRow Sample(int id, string path, int label, string sha256, bool gone = false) =>
        new() { DatasetId = 3, SampleId = id, Path = path, Label = label, Sha256 = sha256, Gone = gone };

    private static void Press(IRenderedComponent<GalleryView> view, string key) =>
        view.WaitForElement("dialog").KeyDown(key);

    private static List<int> Samples(IRenderedComponent<GalleryView> view) =>
        [.. view.FindAll(".shot").Select(card => int.Parse(card.GetAttribute("href")!.Split("sample=")[1], null))];
}
