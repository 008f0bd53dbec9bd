using System.Diagnostics;
using Microsoft.EntityFrameworkCore;

namespace Dashboard.Terminal.Benchmarks;

/// <summary>
/// Times the way of a step from a trainer to those who watch it, through a dashboard in a process of its own: machines join, take a run
/// each and report steps as trainers do; watchers of the hub note when each step comes, pages of a browser when their chart shows it. All
/// on one clock.
/// </summary>
internal sealed class LiveBenchmark(int machines, int stepsPerSecond, int watchers, int browsers, int seconds)
{
    /// <summary>Longer than it takes until everybody is connected and compiled.</summary>
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(10);

    /// <summary>What is on its way arrives.</summary>
    private static readonly TimeSpan CoolDown = TimeSpan.FromSeconds(3);

    private readonly List<long> _memory = [];
    private long _peak;
    private double _cores;
    private double _browserCores;

    public static LiveFigures Run(
        int machines, int stepsPerSecond, int watchers, int browsers, int seconds, CancellationToken cancellationToken) =>
        new LiveBenchmark(machines, stepsPerSecond, watchers, browsers, seconds).RunAsync(cancellationToken).GetAwaiter().GetResult();

    private async Task<LiveFigures> RunAsync(CancellationToken cancellationToken)
    {
        await using var dashboard = await BenchDashboard.StartAsync(fill: null, cancellationToken);
        for (var i = 0; i < machines; i++)
            await dashboard.PostAsync("api/runs",
                new { dataset = "Shapes (demo)", mode = "transfer", epochs = 1000, name = $"bench {i + 1}" }, cancellationToken);
        var token = (await dashboard.PostAsync("api/machines/tokens", new { name = "bench" }, cancellationToken)).GetProperty("token")
            .GetString()!;
        var trainers = await Task.WhenAll(Enumerable.Range(0, machines).Select(i =>
            LiveTrainer.JoinAsync(dashboard.Url, $"bench-{i + 1}", token, (seconds + 120) * stepsPerSecond, cancellationToken)));
        var listeners = await Task.WhenAll(Enumerable.Range(0, watchers)
            .Select(i => HubWatcher.WatchAsync(dashboard.Url, trainers[i % machines], cancellationToken)));
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var begin = Stopwatch.GetTimestamp();
        var reporting = trainers.Select(trainer => trainer.ReportAsync(stepsPerSecond, over.Token)).ToList();
        await using var browser = browsers > 0 ? await Chromium.StartAsync(Chromium.Find()!, cancellationToken) : null;
        var pages = new List<PageWatcher>();
        for (var i = 0; i < browsers; i++)
            pages.Add(await PageWatcher.OpenAsync(browser!, dashboard.Url, trainers[i % machines], cancellationToken));
        await Task.Delay(WarmUp, cancellationToken);

        foreach (var listener in listeners) listener.Begin();
        foreach (var page in pages) await page.BeginAsync(cancellationToken);
        await ObserveAsync(dashboard, browser, cancellationToken);
        await over.CancelAsync();
        await Task.WhenAll(reporting);
        var took = Stopwatch.GetElapsedTime(begin);
        await Task.Delay(CoolDown, cancellationToken);

        var painted = new List<double>();
        long unpainted = 0;
        foreach (var page in pages)
        {
            var (milliseconds, left) = await page.ReadAsync(cancellationToken);
            painted.AddRange(milliseconds);
            unpainted += left;
            await page.DisposeAsync();
        }
        await using var db = dashboard.Database();
        var figures = new LiveFigures
        {
            Load = new LiveLoad
            {
                Machines = machines, Watchers = watchers, Browsers = browsers, Seconds = seconds,
                StepsPerSecond = Math.Round(trainers.Sum(trainer => trainer.Acknowledged) / took.TotalSeconds),
            },
            ToWatcher = Latencies.Of(listeners.SelectMany(listener => listener.Milliseconds)), ToBrowser = Latencies.Of(painted),
            Deliveries = new LiveDeliveries
            {
                Reported = trainers.Sum(trainer => (long)trainer.Acknowledged),
                Stored = await db.Steps.LongCountAsync(cancellationToken),
                Missed = listeners.Sum(listener => listener.Missed), Unpainted = unpainted,
            },
            Costs = new LiveCosts
            {
                Cores = Math.Round(_cores, 2), BrowserCores = Math.Round(_browserCores, 2), MemoryMegabytes = _memory,
                MemoryPeakMegabytes = _peak,
            },
        };
        foreach (var listener in listeners) await listener.DisposeAsync();
        foreach (var trainer in trainers) await trainer.DisposeAsync();
        return figures;
    }

    private async Task ObserveAsync(BenchDashboard dashboard, Chromium? browser, CancellationToken cancellationToken)
    {
        var (busy, browserBusy, watch) = (dashboard.Busy, browser?.Busy ?? TimeSpan.Zero, Stopwatch.StartNew());
        _memory.Add(dashboard.Memory >> 20);
        while (watch.Elapsed.TotalSeconds < seconds)
        {
            await Task.Delay(TimeSpan.FromSeconds(1), cancellationToken);
            var memory = dashboard.Memory >> 20;
            _peak = Math.Max(_peak, memory);
            if (watch.Elapsed.TotalMinutes >= _memory.Count) _memory.Add(memory);
        }
        if (watch.Elapsed.TotalMinutes < _memory.Count) _memory.Add(dashboard.Memory >> 20);
        _cores = (dashboard.Busy - busy) / watch.Elapsed;
        _browserCores = ((browser?.Busy ?? TimeSpan.Zero) - browserBusy) / watch.Elapsed;
    }
}
