using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Bunit;
using Dashboard.Runs;
using Dashboard.Runs.Weights;
using Dashboard.Storage;
using Microsoft.Extensions.Options;
using Training.Core.Backbones;
using Training.Core.Engine;
using Training.Core.Export;
using Training.Core.Runs;

namespace Training.Tests.Pages.NewRun;

/// <summary>A finished run's model as the start of the next run: API and form.</summary>
public sealed class StartFromTests : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly FormPage _form = new();

    public async ValueTask DisposeAsync() => await _form.DisposeAsync();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Post_WithAFinishedRun_BringsItsModelAlong(bool byName)
    {
        var source = await FinishedAsync();
        using var client = _form.App.CreateClient();

        var response = await client.PostAsJsonAsync("/api/runs", new
        {
            dataset = source.DatasetId, mode = "fineTune", startFrom = byName ? (object)source.Name : source.Id,
        });

        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        var id = (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetInt32();
        await _form.App.Get<RunService>().DeleteAsync(source.Id);
        Assert.Equal($"{source.Id}", (await _form.App.Runs.GetAsync(id))!.Recipe.StartFrom);
        var start = StartModel.In(Folder(id))!;
        Assert.Equal("the weights", File.ReadAllText(start.Weights));
        Assert.Equal(source.Classes, start.Description!.Classes);
    }

    [Theory]
    [InlineData("99", "fineTune", BackboneCatalog.BuiltIn, "There is no run “99” to start from")]
    [InlineData(null, "fromScratch", BackboneCatalog.BuiltIn, "Training from scratch starts from random weights.")]
    [InlineData(null, "transfer", "mobilenet_v2", "The model to start from is a ResNet-18 (built in) and this run's backbone MobileNetV2.")]
    public async Task Post_WithWhatDoesNotFit_NamesTheFieldAndTheReason(string? startFrom, string mode, string backbone, string expected)
    {
        var source = await FinishedAsync();
        using var client = _form.App.CreateClient();

        var response = await client.PostAsJsonAsync("/api/runs",
            new { dataset = source.DatasetId, mode, backbone, startFrom = startFrom ?? $"{source.Id}" });

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        var errors = (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("errors");
        Assert.Contains(expected, errors.GetProperty("startFrom")[0].GetString(), StringComparison.Ordinal);
        Assert.False(errors.TryGetProperty("backbone", out _), "weights that are not needed are not asked for");
    }

    [Fact]
    public async Task List_OfModels_IsOfOneBackboneAndFindsAPartOfAName()
    {
        var source = await FinishedAsync();
        await _form.App.Runs.RenameAsync(source.Id, "고양이 First", default);
        var starts = _form.App.Get<StartModels>();

        Assert.Equal([source.Id], await IdsAsync(source.Recipe.Backbone, null));
        Assert.Equal([source.Id], await IdsAsync(source.Recipe.Backbone, " 고양이 fir"));
        Assert.Empty(await IdsAsync(source.Recipe.Backbone, "second"));
        Assert.Empty(await IdsAsync("mobilenet_v2", null));
        // No backbone whose name begins alike.
        Assert.Empty(await IdsAsync(source.Recipe.Backbone[..^1], null));
        Assert.Equal(source.Id, (await starts.FindAsync("고양이 First"))?.Id);

        async Task<IEnumerable<int>> IdsAsync(string backbone, string? name) => (await starts.ListAsync(backbone, name, 10))
            .Select(run => run.Id);
    }

    [Fact]
    public async Task Form_OpenedFromARun_ContinuesWithItsDataAndBackbone()
    {
        var source = await FinishedAsync();

        var page = _form.Open($"?startFrom={source.Id}");

        Assert.Equal("fineTune", page.Find(".mode.on input").GetAttribute("value"));
        page.WaitForAssertion(() => Assert.Contains("Starts from", page.Find("#field-startFrom").TextContent, StringComparison.Ordinal),
            Patience);
        Assert.Contains($"--set startFrom={Folder(source.Id).Path}", page.Find(".terminal pre").TextContent, StringComparison.Ordinal);
        page.WaitForAssertion(() => Assert.False(page.Find("#start-run").HasAttribute("disabled")), Patience);
        page.Find("#start-run").Click();
        page.WaitForAssertion(() => Assert.Contains("/runs/", _form.Navigation.Uri, StringComparison.Ordinal), Patience);
        var run = (await _form.App.Runs.ListAsync()).Single(each => each.State == RunState.Queued);
        Assert.Equal(($"{source.Id}", source.DatasetId), (run.Recipe.StartFrom, run.DatasetId));
    }

    [Fact]
    public async Task Form_OfARunThatIsGone_SaysSoBesideTheField()
    {
        await FinishedAsync();

        var page = _form.Open("?startFrom=99");

        page.WaitForAssertion(() =>
            Assert.Contains("There is no run “99” to start from", page.Find("#field-startFrom").TextContent, StringComparison.Ordinal),
            Patience);
        Assert.True(page.Find("#start-run").HasAttribute("disabled"));
    }

    private async Task<RunRow> FinishedAsync()
    {
        var run = await _form.Builder().BuildAsync();
        File.WriteAllText(Folder(run.Id).BestModel, "the weights");
        ModelDescription.Of(BackboneCatalog.Get(run.Recipe.Backbone), run.Classes, run.Recipe).Save(Folder(run.Id).Classes);
        return run;
    }

    private RunFolder Folder(int id) => _form.App.Get<IOptions<DashboardOptions>>().Value.RunFolder(id);
}
