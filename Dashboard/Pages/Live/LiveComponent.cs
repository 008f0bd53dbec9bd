using Dashboard.Storage.Outages;
using Microsoft.AspNetCore.Components;

namespace Dashboard.Pages.Live;

/// <summary>A component that follows the store while its tab is seen: it says what to listen to and how to load.</summary>
/// <remarks>
/// A component may go while it waits for something: what it waits with (<see cref="Left"/>, <see cref="RestsAsync"/>) says so instead of
/// throwing, and afterwards nothing of it changes the address or the page.
/// </remarks>
public abstract class LiveComponent : PatientComponent, IDisposable, IAsyncDisposable
{
    private readonly List<LivePull> _pulls = [];
    private readonly CancellationTokenSource _left = new();
    private int _moves;

    /// <summary>The token outlives its source, which can't be asked for it any more once the component is gone.</summary>
    protected LiveComponent() => Left = _left.Token;

    [Inject] private PageVisibility Visibility { get; set; } = default!;
    [Inject] protected TimeProvider Time { get; set; } = default!;

    /// <summary>Cancelled when the component goes.</summary>
    protected CancellationToken Left { get; }

    protected bool IsLeft { get; private set; }

    protected sealed override bool IsGone => IsLeft;

    /// <summary>
    /// Loads by <paramref name="load"/> and renders, now and after every change. Call it once the page is interactive (first
    /// OnAfterRender).
    /// </summary>
    protected LivePull Follow(Func<Func<Task>, IDisposable> subscribe, Func<Task> load, TimeSpan? interval = null)
    {
        LivePull? pull = null;
        pull = new LivePull(Visibility, Time, interval ?? LivePull.Fast, subscribe, () => PullAsync(load, () => pull!));
        _pulls.Add(pull);
        return pull;
    }

    private async Task PullAsync(Func<Task> load, Func<LivePull> pull)
    {
        try
        {
            await InvokeAsync(async () =>
            {
                if (IsLeft) return;
                await load();
                if (!IsLeft) StateHasChanged();
            });
        }
        catch (Exception e) when (IsLeft && e is OperationCanceledException or ObjectDisposedException)
        {
            // The component left while it was loading.
        }
        catch (Exception e) when (Outage.Of(e) is not null)
        {
            // What is shown stays.
            _ = AskLaterAsync(pull);
        }
        catch (Exception e)
        {
            // To the page's error boundary; the store and other pages are not concerned.
            await DispatchExceptionAsync(e);
        }
    }

    private async Task AskLaterAsync(Func<LivePull> pull)
    {
        await OutageOverAsync();
        if (!IsLeft) pull().Ask();
    }

    protected virtual void Dispose(bool disposing)
    {
        if (!disposing || IsLeft) return;
        IsLeft = true;
        foreach (var pull in _pulls) pull.Dispose();
        _left.Cancel();
        _left.Dispose();
    }

    /// <summary>Waits until nothing has moved for a while, such as a held arrow key.</summary>
    /// <returns>false when another move came meanwhile, or the component is gone: then somebody else decides.</returns>
    protected async Task<bool> RestsAsync(TimeSpan delay)
    {
        var mine = ++_moves;
        await Task.Delay(delay, Time, Left)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        return mine == _moves && !IsLeft;
    }

    /// <summary>Nothing that still waits for a rest goes on.</summary>
    protected void Moved() => _moves++;

    /// <summary>Does something on the page's own thread that nobody waits for; its failure is the page's.</summary>
    protected void Later(Func<Task> work) => _ = LaterAsync(work);

    /// <summary>What the browser has to be told when the component goes.</summary>
    protected virtual ValueTask LeaveAsync() => ValueTask.CompletedTask;

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    public async ValueTask DisposeAsync()
    {
        Dispose(disposing: true);
        await LeaveAsync();
        GC.SuppressFinalize(this);
    }

    private async Task LaterAsync(Func<Task> work)
    {
        try
        {
            await InvokeAsync(() => IsLeft ? Task.CompletedTask : work());
        }
        catch (Exception e) when (!IsLeft)
        {
            await DispatchExceptionAsync(e);
        }
        catch (Exception)
        {
            // The component went meanwhile, and what it did with it.
        }
    }
}
