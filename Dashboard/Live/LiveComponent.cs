using Microsoft.AspNetCore.Components;

namespace Dashboard.Live;

/// <summary>A component that follows the store while its tab is seen: it says what to listen to and how to load.</summary>
public abstract class LiveComponent : ComponentBase, IDisposable
{
    private readonly List<LivePull> _pulls = [];
    private readonly CancellationTokenSource _left = new();

    [Inject] private PageVisibility Visibility { get; set; } = default!;
    [Inject] protected TimeProvider Time { get; set; } = default!;

    /// <summary>Cancelled when the component goes.</summary>
    protected CancellationToken Left => _left.Token;

    protected bool IsLeft { get; private set; }

    /// <summary>Loads by <paramref name="load"/> and renders, now and after every change. Call it once the page is interactive (first OnAfterRender).</summary>
    protected LivePull Follow(Func<Func<Task>, IDisposable> subscribe, Func<Task> load, TimeSpan? interval = null)
    {
        var pull = new LivePull(Visibility, Time, interval ?? LivePull.Fast, subscribe, () => PullAsync(load));
        _pulls.Add(pull);
        return pull;
    }

    private async Task PullAsync(Func<Task> load)
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
        catch (Exception e)
        {
            // To the page's error boundary; the store and other pages are not concerned.
            await DispatchExceptionAsync(e);
        }
    }

    protected virtual void Dispose(bool disposing)
    {
        if (!disposing || IsLeft) return;
        IsLeft = true;
        foreach (var pull in _pulls) pull.Dispose();
        _left.Cancel();
        _left.Dispose();
    }

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }
}
