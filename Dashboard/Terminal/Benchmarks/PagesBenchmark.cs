using System.Globalization;
using Dashboard.Protocol;
using Microsoft.AspNetCore.SignalR.Client;
using Training.Core.Data.Demo;

namespace Dashboard.Terminal.Benchmarks;

/// <summary>
/// Times how long pages of a dashboard with many machines and finished runs take to open in a browser: from the navigation until what they
/// are for is there and answers to clicks. The machines are connected, and report as machines do.
/// </summary>
internal sealed class PagesBenchmark(int machines, int runs, int times)
{
    private const int MoreDatasets = 11;

    /// <summary>The page's circuit has begun, and rows are there.</summary>
    private const string Opened = """
        new Promise(done => {
          const look = () => document.querySelector('[data-live]') && document.querySelectorAll('SELECTOR').length >= COUNT
            ? requestAnimationFrame(() => done(performance.now())) : setTimeout(look, 5);
          look();
        })
        """;

    public static PagesFigures Run(int machines, int runs, int times, Action<string> tell, CancellationToken cancellationToken) =>
        new PagesBenchmark(machines, runs, times).RunAsync(tell, cancellationToken).GetAwaiter().GetResult();

    private async Task<PagesFigures> RunAsync(Action<string> tell, CancellationToken cancellationToken)
    {
        tell($"Filling a database with {machines} machines and {runs} runs …");
        IReadOnlyDictionary<string, string> keys = new Dictionary<string, string>();
        await using var dashboard = await BenchDashboard.StartAsync(async root =>
            keys = await PagesSeed.FillAsync(root, machines, runs, cancellationToken), cancellationToken);
        using var photos = new BenchFolder();
        await AddDatasetsAsync(dashboard, photos.Path, cancellationToken);
        tell("The machines join …");
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var connections = new List<HubConnection>();
        foreach (var (name, key) in keys) connections.Add(await JoinAsync(dashboard.Url, name, key, cancellationToken));
        var reporting = connections.Zip(keys.Keys).Select(each => ReportAsync(each.First, each.Second, over.Token)).ToList();
        await using var browser = await Chromium.StartAsync(Chromium.Find()!, cancellationToken);
        var pages = new List<PageFigures>();
        foreach (var (name, path, selector, least) in Pages())
            pages.Add(await OpenAsync(browser, dashboard.Url, name, path, selector, least, cancellationToken));
        await over.CancelAsync();
        await Task.WhenAll(reporting);
        foreach (var connection in connections) await connection.DisposeAsync();
        return new PagesFigures(machines, runs, pages, dashboard.Memory >> 20);
    }

    private IEnumerable<(string Name, string Path, string Selector, int Least)> Pages()
    {
        var run = runs.ToString(CultureInfo.InvariantCulture);
        yield return ("runs", "/", "table.runs tbody tr", Math.Min(runs, 50));
        yield return ("runs, last page", $"/?page={Math.Max(1, (runs + 49) / 50)}", "table.runs tbody tr", 1);
        yield return ("runs, a search", "/?q=transfer&state=completed", "table.runs tbody tr", 1);
        yield return ("machines", "/machines", "section.card[aria-label] .hd .name", Math.Min(machines, 20));
        yield return ("machines, a search", $"/machines?q={PagesSeed.MachineName(1)}", "section.card[aria-label] .hd .name", 1);
        yield return ("run", $"/runs/{run}", ".line-chart [data-drawn]", 3);
        yield return ("run's log", $"/runs/{run}?tab=log", "[data-lines] > div", 20);
        yield return ("datasets", "/datasets", "article.ds-card", 1 + MoreDatasets);
        yield return ("new run", "/new", "select, input", 5);
    }

    /// <summary>The first time in a window of its own, with nothing cached; afterwards in that window.</summary>
    private async Task<PageFigures> OpenAsync(
        Chromium browser, Uri server, string name, string path, string selector, int least, CancellationToken cancellationToken)
    {
        var milliseconds = new List<double>();
        await using var page = await browser.OpenAsync(cancellationToken);
        for (var i = 0; i < times; i++)
        {
            // Away from it first: the same address again may be answered from memory.
            await page.GoAsync(new Uri("about:blank"), cancellationToken);
            await page.GoAsync(new Uri(server, path), cancellationToken);
            var script = Opened.Replace("SELECTOR", selector, StringComparison.Ordinal)
                .Replace("COUNT", least.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
            milliseconds.Add(await page.EvaluateAsync<double>(script, cancellationToken)
                .WaitAsync(TimeSpan.FromSeconds(60), cancellationToken));
        }
        return new PageFigures(name, Math.Round(milliseconds[0]), Math.Round(milliseconds.Order().ElementAt(milliseconds.Count / 2)),
            Math.Round(milliseconds.Max()));
    }

    private static async Task AddDatasetsAsync(BenchDashboard dashboard, string photos, CancellationToken cancellationToken)
    {
        ShapesDataset.Write(photos, cancellationToken: cancellationToken);
        for (var i = 0; i < MoreDatasets; i++)
            await dashboard.PostAsync("api/datasets", new { name = $"shapes {i + 2}", path = photos }, cancellationToken);
        while ((await dashboard.Http.GetStringAsync(new Uri("api/datasets", UriKind.Relative), cancellationToken))
            .Contains("\"scanning\"", StringComparison.Ordinal))
            await Task.Delay(200, cancellationToken);
    }

    private static async Task<HubConnection> JoinAsync(Uri server, string name, string key, CancellationToken cancellationToken)
    {
        var connection = HubClient.To(server, MachineProtocol.Path);
        await connection.StartAsync(cancellationToken);
        var reply = await connection.InvokeAsync<JoinReply>(nameof(IMachineHub.Join), name, key, ProgramVersion.Text,
            MachineProtocol.Version, cancellationToken);
        return reply.Refusal is null ? connection : throw new InvalidOperationException(reply.Refusal);
    }

    private static async Task ReportAsync(HubConnection connection, string name, CancellationToken over)
    {
        while (!over.IsCancellationRequested)
        {
            await connection.InvokeAsync(nameof(IMachineHub.ReportMachine), PagesSeed.ReportOf(name), CancellationToken.None);
            await Task.Delay(TimeSpan.FromSeconds(2), over).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}

/// <param name="MemoryMegabytes">Of the dashboard, at the end.</param>
internal sealed record PagesFigures(int Machines, int Runs, IReadOnlyList<PageFigures> Pages, long MemoryMegabytes);

/// <summary>Milliseconds.</summary>
/// <param name="First">With nothing cached, and on a dashboard that has never shown this page.</param>
internal sealed record PageFigures(string Page, double First, double Median, double Worst);
