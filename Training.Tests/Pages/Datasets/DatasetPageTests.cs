using Bunit;
using Dashboard.Datasets;
using Dashboard.Pages.Datasets;
using Dashboard.Storage;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor;
using Training.Core.Data;
using Training.Tests.Datasets;

namespace Training.Tests.Pages.Datasets;

public sealed class DatasetPageTests : IAsyncLifetime
{
    private DatasetBench _bench = null!;
    private DatasetPages _pages = null!;

    [Fact]
    public async Task Page_OfAReadyDataset_SaysWhatIsInItAndWhereValidationComesFrom()
    {
        var row = await _bench.ReadyAsync("photos", ("train/cats", 3), ("train/dogs", 2), ("test/cats", 1), ("test/dogs", 1));

        var page = Open(row);

        Assert.Equal("photos", page.Find("h1").TextContent);
        Assert.Contains("test split (2 images) is used for validation", page.Find(".ds-sentence").TextContent, StringComparison.Ordinal);
        Assert.Equal(_bench.In("photos"), page.Find(".ds-where dd").TextContent);
        Assert.Equal($"/new?dataset={row.Id}",
            page.FindAll("a").Single(link => link.TextContent == "New run with this dataset").GetAttribute("href"));
    }

    [Fact]
    public async Task Page_ForAViewer_HasNothingThatChanges()
    {
        var row = await _bench.ReadyAsync("photos", ("train/cats", 3), ("train/dogs", 2));
        await using var pages = new DatasetPages(_bench, AccountRole.Viewer);

        var page = pages.Open<DatasetPage>($"/datasets/{row.Id}", p => p.Add(x => x.Id, row.Id));

        Assert.Equal("photos", page.Find("h1").TextContent);
        Assert.Empty(page.FindAll(".ds-actions"));
    }

    [Fact]
    public async Task Page_OfADatasetWithAnError_CannotStartARunAndSaysWhy()
    {
        var row = await _bench.ReadyAsync("one", ("cats", 3));

        var page = Open(row);

        Assert.Contains("only one class", page.Find(".note.w").TextContent, StringComparison.Ordinal);
        Assert.DoesNotContain(page.FindAll("a"), link => link.GetAttribute("href") == $"/new?dataset={row.Id}");
        Assert.Equal("Can't train yet", page.Find(".chip").TextContent);
    }

    [Fact]
    public void Page_OfADatasetThatIsNotThere_SaysSo() =>
        Assert.Equal("There is no dataset 77", _pages.Open<DatasetPage>("/datasets/77", p => p.Add(x => x.Id, 77)).Find("h1").TextContent);

    [Fact]
    public async Task ClassBalance_OfClassesWithOddNames_LinksToTheirImages()
    {
        var row = await _bench.ReadyAsync("photos", ("train/<script>\"x\"", 4), ("train/고양이", 2), ("val/고양이", 2));

        var bars = Open(row, "?split=val").FindComponent<ClassBalance>();

        Assert.Equal(["<script>\"x\"", "고양이"], bars.FindAll("li > a").Select(link => link.TextContent));
        Assert.Empty(bars.FindAll("script"));
        Assert.EndsWith($"/datasets/{row.Id}?label=1", bars.FindAll("li > a")[1].GetAttribute("href"), StringComparison.Ordinal);
        Assert.Equal(["100.00%", "50.00%", "50.00%"],
            bars.FindAll(".ds-track a").Select(bar => bar.GetAttribute("style")!["width:".Length..]));
        Assert.EndsWith("?split=train&label=1", bars.FindAll(".ds-track a")[1].GetAttribute("href"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Browser_ByTheAddress_ShowsThoseImages()
    {
        var row = await _bench.ReadyAsync("photos", ("train/cats", 3), ("train/dogs", 4), ("val/dogs", 2));

        var page = Open(row, "?label=1&split=train");

        Assert.Equal("4 images of dogs in train", page.Find(".sentence").TextContent);
        page.WaitForAssertion(() => Assert.Equal(4, page.FindAll(".shot").Count));
        Assert.Equal("train/dogs/000.jpg", page.Find(".shot").GetAttribute("title"));
    }

    [Fact]
    public async Task Browser_WithAFilterFromAnOldLink_ShowsEverything() =>
        Assert.Equal("2 images",
            Open(await _bench.ReadyAsync("photos", ("cats", 1), ("dogs", 1)), "?label=9&split=nothing").Find(".sentence").TextContent);

    [Fact]
    public async Task Browser_WithAnOpenImage_ShowsItLargeAndWalksByKeys()
    {
        var row = await _bench.ReadyAsync("photos", ("cats", 3), ("dogs", 1));

        var page = Open(row, "?label=0&sample=1");
        Assert.Equal(("001.jpg", "2 of 3"), Shown(page));
        await page.Find("dialog").KeyDownAsync("ArrowRight");
        page.WaitForAssertion(() => Assert.Equal(("002.jpg", "3 of 3"), Shown(page)));
        page.WaitForAssertion(() => Assert.EndsWith("sample=2", _pages.Path, StringComparison.Ordinal));
        await page.Find("dialog").KeyDownAsync("ArrowRight");
        await page.Find("dialog").KeyDownAsync("Home");
        page.WaitForAssertion(() => Assert.Equal(("000.jpg", "1 of 3"), Shown(page)));
        await page.Find("dialog").KeyDownAsync("Escape");

        page.WaitForAssertion(() => Assert.Empty(page.FindAll("dialog")));
        Assert.DoesNotContain("sample", _pages.Path, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Browser_WithAnImageOutsideTheFilter_SaysSo()
    {
        var page = Open(await _bench.ReadyAsync("photos", ("cats", 1), ("dogs", 1)), "?label=0&sample=1");

        Assert.Contains("Image 1 is not among these images", page.Find(".ds-images .note").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void Problems_OfManyFiles_AreCountedByKindAndFiltered()
    {
        DatasetProblem[] problems =
        [
            new(ProblemSeverity.Error, null, "There is only one class.", "Add a second folder."),
            .. Enumerable.Range(0, 3)
                .Select(i => new DatasetProblem(ProblemSeverity.Warning, $"cats/<b>{i}</b>.jpg", "Is empty (0 bytes).", "Copy it again.")),
        ];

        var list = _pages.Render<ProblemList>(p => p.Add(x => x.Problems, problems).Add(x => x.IsScanned, true));

        Assert.Contains("1 error · 3 warnings", list.Find(".hd").TextContent, StringComparison.Ordinal);
        Assert.Equal(["All kinds", "3 × Copy it again.", "1 × Add a second folder."],
            list.FindAll("option").Select(option => option.TextContent));
        list.Find("select").Change("Copy it again.");
        Assert.Equal(["cats/<b>0</b>.jpg", "cats/<b>1</b>.jpg", "cats/<b>2</b>.jpg"],
            list.FindAll(".ds-problem .mono").Select(path => path.TextContent));
        list.Find("input").Input("<b>2");
        Assert.Single(list.FindAll(".ds-problem"));
    }

    [Fact]
    public async Task Delete_OfAFolder_SaysThatTheFilesStay_AndGoesBackToTheList()
    {
        var row = await _bench.ReadyAsync("photos", ("cats", 1), ("dogs", 1));
        var dialogs = _pages.Render<MudDialogProvider>();
        var page = Open(row);

        // The page may be drawn again between finding a button and clicking it, so both happen on its own thread.
        await page.InvokeAsync(() => page.FindAll("button").Single(button => button.TextContent == "Delete").Click());
        dialogs.WaitForElement(".mud-dialog");
        Assert.Contains($"Your files in {row.Root} stay", dialogs.Find(".mud-dialog").TextContent, StringComparison.Ordinal);
        await dialogs.InvokeAsync(() => dialogs.FindAll("button").Single(button => button.TextContent == "Delete").Click());

        page.WaitForAssertion(() => Assert.Equal("datasets", _pages.Path));
        Assert.Empty(await _bench.Store.ListAsync());
    }

    [Theory]
    [InlineData(DatasetOrigin.Upload, 0, "The dashboard's copy of the images (1.0 KB) is deleted", false)]
    [InlineData(DatasetOrigin.Upload, 2, "2 ended runs refer to it", true)]
    [InlineData(DatasetOrigin.Folder, 1, "1 ended run refers to it", false)]
    public async Task DeleteDialog_ByOriginAndRuns_SaysWhatStays(DatasetOrigin origin, int endedRuns, string words, bool asks)
    {
        var dialogs = _pages.Render<MudDialogProvider>();
        var row = new DatasetRow { Name = "x", Root = "/photos", Origin = origin };
        await dialogs.InvokeAsync(() => _pages.Services.GetRequiredService<IDialogService>().ShowAsync<DeleteDatasetDialog>(
            "Delete?", new DialogParameters<DeleteDatasetDialog>
            {
                { dialog => dialog.Row, row }, { dialog => dialog.Use, new DatasetUse([], endedRuns, 1000, []) },
            }));

        dialogs.WaitForAssertion(() => Assert.Contains(words, dialogs.Find(".mud-dialog").TextContent, StringComparison.Ordinal));
        Assert.Equal(asks ? 1 : 0, dialogs.FindAll("input[type=checkbox]").Count);
    }

    [Fact]
    public async Task DeleteDialog_WithTheFilesOfARunThatCanBeResumed_NamesIt()
    {
        var dialogs = _pages.Render<MudDialogProvider>();
        var row = new DatasetRow { Name = "x", Root = "/photos", Origin = DatasetOrigin.Upload };
        await dialogs.InvokeAsync(() => _pages.Services.GetRequiredService<IDialogService>().ShowAsync<DeleteDatasetDialog>(
            "Delete?", new DialogParameters<DeleteDatasetDialog>
            {
                { dialog => dialog.Row, row }, { dialog => dialog.Use, new DatasetUse([], 2, 1000, ["half done"]) },
            }));
        dialogs.WaitForElement("input[type=checkbox]");
        Assert.Empty(dialogs.FindAll("[role=alert]"));

        await dialogs.InvokeAsync(() => dialogs.Find("input[type=checkbox]").Change(true));

        Assert.Contains("“half done” was not finished and can be resumed now", dialogs.Find("[role=alert]").TextContent,
            StringComparison.Ordinal);
    }

    public async Task InitializeAsync()
    {
        _bench = await DatasetBench.StartAsync();
        _pages = _bench.Pages();
        _pages.Render<MudPopoverProvider>();
    }

    public async Task DisposeAsync()
    {
        await _bench.DisposeAsync();
    }

    private IRenderedComponent<DatasetPage> Open(DatasetRow row, string query = "") =>
        _pages.Open<DatasetPage>($"/datasets/{row.Id}{query}", parameters => parameters.Add(page => page.Id, row.Id));

    private static (string File, string Place) Shown(IRenderedComponent<DatasetPage> page) =>
        (page.Find("dialog h2").TextContent, page.Find("dialog .facts .soft").TextContent);
}
