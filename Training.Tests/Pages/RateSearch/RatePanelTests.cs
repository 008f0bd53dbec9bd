using Bunit;
using Training.Tests.Pages.NewRun;

namespace Training.Tests.Pages.RateSearch;

public sealed class RatePanelTests : IAsyncDisposable
{
    private readonly FormPage _form = new();

    public async ValueTask DisposeAsync() => await _form.DisposeAsync();

    [Fact]
    public async Task Panel_WhereNothingTrains_SaysWhatToDo()
    {
        await _form.Builder().BuildDatasetAsync();
        var page = _form.OpenAdvanced();

        page.WaitForElement("#rate-search button").Click();

        page.WaitForAssertion(() =>
            Assert.Contains("Run ./run.sh find-rate", page.Find("#rate-search [role=alert]").TextContent, StringComparison.Ordinal));
        Assert.Equal("Search again", page.Find("#rate-search button").TextContent.Trim());
    }

    [Fact]
    public async Task Panel_WhileTheRecipeHasErrors_CannotSearch()
    {
        await _form.Builder().BuildDatasetAsync();
        var page = _form.OpenAdvanced();

        page.Find("#field-batchSize input").Input("-3");

        page.WaitForAssertion(() => Assert.True(page.Find("#rate-search button").HasAttribute("disabled")), TimeSpan.FromSeconds(10));
    }
}
