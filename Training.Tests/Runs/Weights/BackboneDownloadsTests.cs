using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Bunit;
using Dashboard.Pages.Backbones;
using Dashboard.Pages.Live;
using Dashboard.Runs.Weights;
using Dashboard.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using MudBlazor.Services;
using Training.Core.Backbones;
using Training.Tests.Backbones;
using Training.Tests.TestKit;

namespace Training.Tests.Runs.Weights;

/// <summary>The door for downloads, the API and the panel of the form over the real dashboard and a file server of ours.</summary>
public sealed class BackboneDownloadsTests : IAsyncLifetime, IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private WeightsServer _server = null!;
    private DashboardApp _app = null!;

    public async Task InitializeAsync()
    {
        _server = await WeightsServer.StartAsync();
        _app = new DashboardApp(settings: new Dictionary<string, string> { ["Dashboard:WeightsMirror"] = _server.Url });
    }

    [Fact]
    public async Task Backbones_BeforeAnyDownload_SayWhatIsHereAndWhereToPutTheRest()
    {
        using var client = _app.CreateClient();

        var all = await client.GetFromJsonAsync<JsonElement>("/api/backbones");

        Assert.Equal(BackboneCatalog.All.Select(spec => spec.Name),
            all.EnumerateArray().Select(each => each.GetProperty("name").GetString()));
        var builtIn = all[0];
        Assert.True(builtIn.GetProperty("available").GetBoolean());
        var mobile = all.EnumerateArray().Single(each => each.GetProperty("name").GetString() == "mobilenet_v3_small");
        Assert.False(mobile.GetProperty("available").GetBoolean());
        Assert.Equal(2_542_856, mobile.GetProperty("parameters").GetInt64());
        Assert.Equal(Path.Combine(_app.DataRoot, "weights", "mobilenet_v3_small-047dcff4.pth"), mobile.GetProperty("file").GetString());
        Assert.Equal($"{_server.Url}/mobilenet_v3_small-047dcff4.pth", mobile.GetProperty("from").GetString());
    }

    [Fact]
    public async Task Download_OverTheApi_EndsWithWhatIsWrongWithTheFile()
    {
        using var client = _app.CreateClient();

        var accepted = await client.PostAsync("/api/backbones/mobilenet_v3_small/download", null);

        Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);
        var words = await Eventually.NotNullAsync(async () =>
        {
            var all = await client.GetFromJsonAsync<JsonElement>("/api/backbones");
            var download = all.EnumerateArray().Single(each => each.GetProperty("name").GetString() == "mobilenet_v3_small")
                .GetProperty("download");
            return download.GetProperty("state").GetString() == "failed" ? download.GetProperty("words").GetString() : null;
        }, "the download failed");
        Assert.Contains($"begins with {_server.Hash[..8]}, expected is 047dcff4", words, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(Path.Combine(_app.DataRoot, "weights")));
    }

    [Theory]
    [InlineData("resnet19", HttpStatusCode.NotFound)]
    [InlineData(BackboneCatalog.BuiltIn, HttpStatusCode.OK)]
    public async Task Download_OfWhatNeedsNone_SaysSo(string name, HttpStatusCode expected)
    {
        using var client = _app.CreateClient();

        Assert.Equal(expected, (await client.PostAsync($"/api/backbones/{name}/download", null)).StatusCode);
    }

    [Fact]
    public async Task Start_OfAFileOnTheServer_BringsItIntoTheWeightsFolder()
    {
        var spec = Tiny();
        var downloads = _app.Get<BackboneDownloads>();

        downloads.Start(spec);
        await Eventually.TrueAsync(() => downloads.Of("tiny")!.IsOver, "the download is over");

        Assert.Equal(DownloadState.Done, downloads.Of("tiny")!.State);
        Assert.True(PretrainedWeights.IsAvailable(spec, Path.Combine(_app.DataRoot, "weights"), out _));
        Assert.Equal(_server.Content, File.ReadAllBytes(Path.Combine(_app.DataRoot, "weights", spec.Weights.FileName)));
    }

    [Fact]
    public async Task Cancel_InTheMiddle_KeepsThePartForTheNextTime()
    {
        _server.Gate = new TaskCompletionSource();
        var (spec, downloads) = (Tiny(), _app.Get<BackboneDownloads>());
        downloads.Start(spec);
        await Eventually.TrueAsync(() => downloads.Of("tiny")!.Progress.Done == _server.Content.Length - 1, "all but a byte is here");

        downloads.Cancel("tiny");
        _server.Gate.SetResult();

        Assert.Equal(DownloadState.Cancelled, downloads.Of("tiny")!.State);
        await Eventually.TrueAsync(() =>
        {
            downloads.Start(spec);
            return downloads.Of("tiny")!.State == DownloadState.Done;
        }, "the second download is done");
        Assert.Equal($"bytes={_server.Content.Length - 1}-", _server.Ranges[^1]);
    }

    [Fact]
    public async Task Panel_OfMissingWeights_DownloadsThemAndShowsHowFarItIs()
    {
        await using var page = Page();
        _server.Gate = new TaskCompletionSource();
        var arrived = 0;
        var panel = Show(page, Tiny(), () => arrived++);
        Assert.Contains("The pretrained weights of Tiny are not on this machine.", panel.Markup, StringComparison.Ordinal);
        Assert.Equal("Download (about 300 KB)", panel.Find("#download").TextContent);

        panel.Find("#download").Click();

        panel.WaitForAssertion(() => Assert.Contains("300 KB of 300 KB", panel.Markup, StringComparison.Ordinal), Patience);
        Assert.Equal("Cancel", panel.Find("button").TextContent);
        _server.Gate.SetResult();
        panel.WaitForAssertion(() => Assert.Equal(("", 1), (panel.Markup.Trim(), arrived)), Patience);
    }

    [Fact]
    public async Task Panel_WhileAnotherIsDownloaded_SaysThatItWaits()
    {
        await using var page = Page();
        _server.Gate = new TaskCompletionSource();
        var (first, downloads) = (Tiny(), _app.Get<BackboneDownloads>());
        downloads.Start(first);
        await Eventually.TrueAsync(() => downloads.Of("tiny")!.Progress.Done > 0, "the first is under way");
        var panel = Show(page,
            first with { Name = "second", Title = "Second",
                Weights = first.Weights with { FileName = $"second-{_server.Hash[..8]}.pth" } });

        panel.Find("#download").Click();

        panel.WaitForAssertion(() => Assert.Contains("Waiting for another download", panel.Markup, StringComparison.Ordinal), Patience);
        _server.Gate.SetResult();
        panel.WaitForAssertion(() => Assert.Equal("", panel.Markup.Trim()), Patience);
    }

    public async Task DisposeAsync() => await _server.DisposeAsync();

    public void Dispose() => _app.Dispose();

    private BunitContext Page()
    {
        var page = new BunitContext();
        page.JSInterop.Mode = JSRuntimeMode.Loose;
        page.Services.AddSingleton(_app.Get<BackboneDownloads>()).AddSingleton(_app.Get<IOptions<DashboardOptions>>())
            .AddSingleton(TimeProvider.System);
        page.Services.AddScoped<PageVisibility>().AddLogging().AddLocalization().AddMudServices();
        return page;
    }

    private IRenderedComponent<DownloadPanel> Show(BunitContext page, BackboneSpec spec, Action? arrived = null) =>
        page.Render<DownloadPanel>(parameters =>
        parameters.Add(each => each.Spec, spec).Add(each => each.WeightsFolder, Path.Combine(_app.DataRoot, "weights"))
            .Add(each => each.Arrived, arrived ?? (() => { })));

    private ResNetSpec Tiny() => DisposableNetworks.Small with
    {
        Name = "tiny",
        Title = "Tiny",
        Parameters = 75_000,
        Weights = new WeightsSource($"tiny-{_server.Hash[..8]}.pth", new Uri("https://example.org/tiny.pth"), _server.Hash[..8]),
    };
}
