using System.Diagnostics;
using Dashboard.Api.Watching;
using Dashboard.Protocol;
using Microsoft.AspNetCore.SignalR.Client;

namespace Dashboard.Terminal.Benchmarks;

/// <summary>A connection that follows a run, and notes when each step comes.</summary>
internal sealed class HubWatcher : IAsyncDisposable
{
    private readonly HubConnection _connection;
    private readonly LiveTrainer _trainer;
    private readonly List<double> _milliseconds = [];
    private volatile bool _counts;
    private int _last;

    private HubWatcher(HubConnection connection, LiveTrainer trainer) => (_connection, _trainer) = (connection, trainer);

    public IReadOnlyList<double> Milliseconds => _milliseconds;

    /// <summary>Steps that never came.</summary>
    public long Missed { get; private set; }

    public static async Task<HubWatcher> WatchAsync(Uri server, LiveTrainer trainer, CancellationToken cancellationToken)
    {
        var watcher = new HubWatcher(HubClient.To(server, IProgressHub.Path), trainer);
        watcher._connection.On<ProgressBatch>(IProgressHub.Message, watcher.Hear);
        await watcher._connection.StartAsync(cancellationToken);
        await watcher._connection.InvokeAsync(nameof(IProgressHub.Watch), trainer.RunId, cancellationToken);
        return watcher;
    }

    public void Begin() => _counts = true;

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    /// <summary>One call at a time for each connection.</summary>
    private void Hear(ProgressBatch batch)
    {
        var now = Stopwatch.GetTimestamp();
        foreach (var step in batch.Steps)
        {
            if (_last > 0) Missed += step.Step - _last - 1;
            _last = step.Step;
            if (_counts && _trainer.DueAt(step.Step) is > 0 and var due)
                _milliseconds.Add(Stopwatch.GetElapsedTime(due, now).TotalMilliseconds);
        }
    }
}

/// <summary>A run's page in a browser, which notes when its chart shows which step.</summary>
internal sealed class PageWatcher(BrowserPage page, LiveTrainer trainer) : IAsyncDisposable
{
    /// <summary>The chart says up to which step it is drawn; the frame after that one is the first that is painted with it.</summary>
    private const string Watch = """
        (async () => {
          const frame = () => new Promise(requestAnimationFrame);
          let chart;
          while (!(chart = document.querySelector('.line-chart [data-drawn]'))) await frame();
          window.drawn = [];
          new MutationObserver(async () => {
            const step = +chart.dataset.drawn;
            await frame();
            window.drawn.push(step, Date.now());
          }).observe(chart, { attributes: true, attributeFilter: ['data-drawn'] });
          return document.visibilityState;
        })()
        """;

    public static async Task<PageWatcher> OpenAsync(Chromium browser, Uri server, LiveTrainer trainer, CancellationToken cancellationToken)
    {
        var page = await browser.OpenAsync(cancellationToken);
        await page.GoAsync(new Uri(server, FormattableString.Invariant($"runs/{trainer.RunId}")), cancellationToken);
        if (await page.EvaluateAsync<string>(Watch, cancellationToken) is not "visible" and var state)
            throw new InvalidOperationException($"The browser's page is {state}: it would show nothing.");
        return new PageWatcher(page, trainer);
    }

    public Task BeginAsync(CancellationToken cancellationToken) =>
        page.EvaluateAsync<bool>("window.drawn.length = 0, true", cancellationToken);

    /// <summary>Of every step after the first drawing: until the first one that holds it.</summary>
    public async Task<(IReadOnlyList<double> Milliseconds, long Unpainted)> ReadAsync(CancellationToken cancellationToken)
    {
        var drawn = await page.EvaluateAsync<double[]>("window.drawn", cancellationToken);
        // Both clocks at one moment: the browser's is the wall's.
        var (now, wall) = (Stopwatch.GetTimestamp(), (TimeProvider.System.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalMilliseconds);
        var milliseconds = new List<double>();
        var shown = drawn.Length > 0 ? (int)drawn[0] : 0;
        for (var i = 2; i < drawn.Length; i += 2)
            while (shown < drawn[i])
                milliseconds.Add(drawn[i + 1] - (wall - Stopwatch.GetElapsedTime(trainer.DueAt(++shown), now).TotalMilliseconds));
        return (milliseconds, trainer.Acknowledged - shown);
    }

    public ValueTask DisposeAsync() => page.DisposeAsync();
}
