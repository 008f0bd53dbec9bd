namespace Dashboard.Pages.Live;

/// <summary>
/// Keeps a component fresh: after "changed" it pulls, never twice at once, at most once per interval, with a last pull after the last
/// change. While the tab is hidden it is not even subscribed; when the tab is shown again it pulls once. Thread-safe.
/// </summary>
public sealed class LivePull : IDisposable
{
    /// <summary>Four pictures a second are as many as an eye follows.</summary>
    public static readonly TimeSpan Fast = TimeSpan.FromMilliseconds(250);

    private readonly PageVisibility _visibility;
    private readonly TimeProvider _time;
    private readonly TimeSpan _interval;
    private readonly Func<Func<Task>, IDisposable> _subscribe;
    private readonly Func<Task> _pull;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private IDisposable? _subscription;
    private bool _changed;
    private bool _running;

    /// <param name="subscribe">Such as <c>changed => feed.Subscribe(id, changed)</c>.</param>
    /// <param name="pull">Asks the store and renders; its exceptions belong to the component (see <see cref="LiveComponent"/>).</param>
    public LivePull(
        PageVisibility visibility, TimeProvider time, TimeSpan interval, Func<Func<Task>, IDisposable> subscribe, Func<Task> pull)
    {
        _visibility = visibility;
        _time = time;
        _interval = interval;
        _subscribe = subscribe;
        _pull = pull;
        _visibility.Changed += Follow;
        Follow();
    }

    /// <summary>Pulls soon, as if something had changed.</summary>
    public void Ask() => _ = ChangedAsync();

    public void Dispose()
    {
        lock (_gate)
        {
            if (_stop.IsCancellationRequested) return;
            _stop.Cancel();
            _subscription?.Dispose();
        }
        _visibility.Changed -= Follow;
        _stop.Dispose();
    }

    private void Follow()
    {
        lock (_gate)
        {
            if (_stop.IsCancellationRequested || _visibility.IsVisible == (_subscription is not null)) return;
            if (!_visibility.IsVisible)
            {
                _subscription!.Dispose();
                _subscription = null;
                return;
            }
            _subscription = _subscribe(ChangedAsync);
        }
        // Registered first, asked then: what changed in between is not missed.
        Ask();
    }

    private async Task ChangedAsync()
    {
        CancellationToken cancellationToken;
        lock (_gate)
        {
            _changed = true;
            if (_running || _stop.IsCancellationRequested) return;
            _running = true;
            cancellationToken = _stop.Token;
        }
        // The feed's thread must not wait for this page.
        await Task.Yield();
        while (Next())
        {
            await _pull();
            await Task.Delay(_interval, _time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private bool Next()
    {
        lock (_gate)
        {
            _running = _changed && _visibility.IsVisible && !_stop.IsCancellationRequested;
            if (_running) _changed = false;
            return _running;
        }
    }
}
