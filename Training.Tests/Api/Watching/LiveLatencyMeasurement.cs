using Training.Tests.TestKit;
using Training.Tests.TestProcesses;
using Xunit.Abstractions;

namespace Training.Tests.Api.Watching;

/// <summary>
/// How long it takes from a step in a trainer to the changed chart in the browser, with a dashboard process, three trainers at 20 steps
/// a second each and five open run pages:
/// <c>FINE_TUNE_LATENCY=60 dotnet test Training.Tests -c Release --filter LiveLatency --logger "console;verbosity=detailed"</c>,
/// where 60 is how many seconds it measures. The figures are also written to the file that FINE_TUNE_LATENCY_FILE names.
/// </summary>
[Collection(Browser.Name)]
public sealed class LiveLatencyMeasurement(Browser browser, ITestOutputHelper output)
{
    private const int StepsBefore = 5000, Pages = 5;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    /// <summary>Notes when the loss chart shows which step: at the frame after the one that drew it, so when it was painted.</summary>
    private const string Watch = """
        () => {
          const chart = document.querySelector('.line-chart [data-drawn]');
          window.drawn = [];
          new MutationObserver(() => {
            const step = +chart.dataset.drawn;
            requestAnimationFrame(() => window.drawn.push(step, Date.now()));
          }).observe(chart, { attributes: true, attributeFilter: ['data-drawn'] });
        }
        """;

    [SkippableFact]
    public async Task Step_InATrainer_ReachesTheChart()
    {
        var asked = Environment.GetEnvironmentVariable("FINE_TUNE_LATENCY");
        Skip.If(string.IsNullOrEmpty(asked), "Only on request: set FINE_TUNE_LATENCY to a number of seconds.");
        var length = TimeSpan.FromSeconds(int.Parse(asked, System.Globalization.CultureInfo.InvariantCulture));
        using var root = new TemporaryFolder();
        List<SimulatedTrainer> trainers = [];
        await using (var app = DashboardApp.Listening(dataRoot: root.Path))
        {
            foreach (var name in new[] { "first", "second", "third" })
                trainers.Add(await SimulatedTrainer.BeginAsync(app, name, StepsBefore));
        }
        await using var dashboard = await DashboardProcess.StartAsync(root.Path);
        var pages = new List<(BrowserPage Page, SimulatedTrainer Trainer)>();
        for (var i = 0; i < Pages; i++)
        {
            var trainer = trainers[i % trainers.Count];
            pages.Add((await browser.OpenAsync(dashboard.Url, $"/runs/{trainer.RunId}"), trainer));
            await pages[^1].Page.Page.Locator(".line-chart [data-drawn]").First.WaitForAsync();
            await pages[^1].Page.Page.EvaluateAsync(Watch);
        }

        using var cancellation = new CancellationTokenSource(length);
        await Task.WhenAll(trainers.Select(trainer => trainer.TrainAsync(dashboard.Url, Interval, cancellation.Token)));

        List<(double At, double Latency)> all = [];
        foreach (var (page, trainer) in pages)
        {
            var latencies = Latencies(trainer, await page.Page.EvaluateAsync<double[]>("window.drawn"));
            Say($"run {trainer.RunId}: {Summary(latencies)}");
            all.AddRange(latencies);
            await page.DisposeAsync();
        }
        Say($"all pages: {Summary(all)}");
        // A dashboard that has just started compiles its code as it is used.
        Say($"all pages, after {WarmUp.TotalSeconds} s: {Summary(all.Where(one => one.At >= WarmUp.TotalMilliseconds))}");
        foreach (var trainer in trainers) trainer.Dispose();
        Assert.True(all.Count > pages.Count * length.TotalSeconds * 15, $"Only {all.Count} steps were seen.");
    }

    /// <summary>Of every step: until the first drawing that holds it. The last second is left out: nothing may come after it.</summary>
    private static List<(double At, double Latency)> Latencies(SimulatedTrainer trainer, double[] drawn)
    {
        List<(double At, double Latency)> latencies = [];
        var at = 0;
        for (var i = 0; i < trainer.ReportedAt.Count - 20; i++)
        {
            while (at < drawn.Length && drawn[at] < trainer.First + i) at += 2;
            if (at >= drawn.Length) break;
            latencies.Add((trainer.ReportedAt[i] - trainer.ReportedAt[0], drawn[at + 1] - trainer.ReportedAt[i]));
        }
        return latencies;
    }

    private static string Summary(IEnumerable<(double At, double Latency)> latencies)
    {
        var sorted = latencies.Select(one => one.Latency).Order().ToList();
        return FormattableString.Invariant(
            $"{sorted.Count} steps, p50 {Part(0.5):F0} ms, p95 {Part(0.95):F0} ms, p99 {Part(0.99):F0} ms, max {Part(1):F0} ms");

        double Part(double part) => sorted.Count == 0 ? double.NaN : sorted[(int)Math.Ceiling(part * sorted.Count) - 1];
    }

    private void Say(string line)
    {
        output.WriteLine(line);
        if (Environment.GetEnvironmentVariable("FINE_TUNE_LATENCY_FILE") is { Length: > 0 } file) File.AppendAllText(file, line + "\n");
    }
}
