using Bunit;
using Dashboard.Pages.AddDataset;
using Dashboard.Pages.Datasets;
using Training.Tests.Datasets;

namespace Training.Tests.Pages.Datasets;

public sealed class DatasetsPageTests : IAsyncLifetime
{
    private DatasetBench _bench = null!;
    private DatasetPages _pages = null!;

    [Fact]
    public void Page_WithoutADataset_TeachesAndOffersTheDemoSet()
    {
        var page = _pages.Open<DatasetsPage>("/datasets");

        Assert.Equal("No dataset yet", page.Find(".empty h2").TextContent);
        Assert.Single(page.FindAll("input[type=file]"));
        page.Find(".empty button").Click();

        page.WaitForAssertion(() => Assert.Matches("datasets/\\d+$", _pages.Path));
    }

    [Fact]
    public async Task Page_WithADataset_ShowsCountsClassesStateAndAStrip()
    {
        var row = await _bench.ReadyAsync("고양이 <script>alert(1)</script>", ("train/cats", 3), ("train/dogs", 2), ("val/dogs", 1));

        var page = _pages.Open<DatasetsPage>("/datasets");

        var card = page.Find("article");
        Assert.Equal("고양이 <script>alert(1)</script>", card.QuerySelector(".ds-name")!.TextContent);
        Assert.Equal($"/datasets/{row.Id}", card.QuerySelector(".ds-name")!.GetAttribute("href"));
        Assert.Contains("6 images", card.QuerySelector(".ds-figures")!.TextContent, StringComparison.Ordinal);
        Assert.Contains("2 classes: cats, dogs", card.TextContent, StringComparison.Ordinal);
        Assert.Equal(6, card.QuerySelectorAll(".ds-strip img").Length);
        Assert.Empty(card.QuerySelectorAll("script"));
        Assert.Empty(page.FindAll("input[type=file]"));
    }

    [Fact]
    public async Task Page_WithAFailedDataset_SaysWhy()
    {
        Directory.CreateDirectory(_bench.In("empty", "cats"));
        await _bench.ScannedAsync((await _bench.Store.AddFolderAsync("empty", _bench.In("empty"))).Id);

        var page = _pages.Open<DatasetsPage>("/datasets");

        Assert.Equal("Failed", page.Find(".chip").TextContent);
        Assert.Contains("JPEG, PNG, BMP or WebP", page.Find("[role=alert]").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_WhileADatasetIsScanned_FollowsItWithoutReload()
    {
        var page = _pages.Open<DatasetsPage>("/datasets");
        _bench.Photos("photos", ("cats", 2), ("dogs", 2));

        await _bench.Store.AddFolderAsync("photos", _bench.In("photos"));

        page.WaitForAssertion(() => Assert.Equal("Ready", page.Find("article .chip").TextContent), TimeSpan.FromSeconds(30));
    }

    [Fact]
    public void FolderForm_OfAGoodFolder_TakesItsNameAndOpensTheDataset()
    {
        var root = _bench.Photos("my photos", ("cats", 1), ("dogs", 1));
        var form = _pages.Open<FolderForm>("/datasets?add=1");

        form.FindAll("input")[0].Input($"\"{root}/\"");
        Assert.Equal("my photos", form.FindAll("input")[1].GetAttribute("value"));
        form.Find("form").Submit();

        form.WaitForAssertion(() => Assert.Matches("datasets/\\d+$", _pages.Path));
    }

    [Fact]
    public void FolderForm_OfAMissingFolder_SaysSoBesideTheField()
    {
        var form = _pages.Open<FolderForm>("/datasets?add=1");

        form.FindAll("input")[0].Input("/nowhere/at/all");
        form.Find("form").Submit();

        form.WaitForAssertion(() =>
            Assert.Contains("There is no folder /nowhere/at/all", form.Find(".mud-input-helper-text.mud-input-error").TextContent,
                StringComparison.Ordinal));
        Assert.Equal("datasets?add=1", _pages.Path);
    }

    [Fact]
    public async Task UploadForm_AfterARefusal_ShowsItBesideTheField()
    {
        var form = _pages.Open<UploadForm>("/datasets?add=1");

        await form.InvokeAsync(() => form.Instance.Ended(400, "{\"errors\":{\"file\":[\"The zip is damaged.\"]}}"));
        Assert.Equal("The zip is damaged.", form.Find("#upload-trouble").TextContent);

        await form.InvokeAsync(() => form.Instance.Ended(400, "{\"errors\":{\"name\":[\"That name is taken.\"]}}"));
        Assert.Contains("That name is taken.", form.Find(".mud-input-error").TextContent, StringComparison.Ordinal);

        await form.InvokeAsync(() => form.Instance.Ended(0, ""));
        Assert.Contains("The connection broke", form.Find("#upload-trouble").TextContent, StringComparison.Ordinal);

        await form.InvokeAsync(() => form.Instance.Ended(502, "<html>a proxy's page</html>"));
        Assert.Contains("A proxy in between", form.Find("#upload-trouble").TextContent, StringComparison.Ordinal);

        await form.InvokeAsync(() => form.Instance.Ended(201, "{\"id\":7}"));
        Assert.Equal("datasets/7", _pages.Path);
    }

    public async Task InitializeAsync()
    {
        _bench = await DatasetBench.StartAsync();
        _pages = _bench.Pages();
    }

    public async Task DisposeAsync()
    {
        await _bench.DisposeAsync();
    }
}
