using Microsoft.JSInterop;

namespace Dashboard.Pages.Live;

/// <summary>
/// A script module of one component: imported at its first call, quiet once the component or the browser's tab is gone, and given back when
/// the component goes. Otherwise each visit of a page would leave one behind, in the browser and here.
/// </summary>
/// <param name="address">Of the module: <see cref="Shell.AssetUrl"/>.</param>
public sealed class ScriptModule(IJSRuntime js, string address) : IAsyncDisposable
{
    private Task<IJSObjectReference>? _module;
    private bool _isLeft;

    /// <returns>false when nobody is there any more.</returns>
    /// <exception cref="JSException">The script failed.</exception>
    public async Task<bool> CallAsync(string verb, params object?[] arguments) =>
        await AskAsync(async module =>
        {
            await module.InvokeVoidAsync(verb, arguments);
            return true;
        });

    /// <returns>What the script answers; the default when nobody is there any more.</returns>
    /// <exception cref="JSException">The script failed.</exception>
    public Task<T?> AskAsync<T>(string verb, params object?[] arguments) =>
        AskAsync<T?>(async module => await module.InvokeAsync<T>(verb, arguments));

    public ValueTask DisposeAsync() => LeaveAsync(null);

    /// <summary>The component goes.</summary>
    /// <param name="farewell">What the module is told before; null: nothing. A module that was never needed is told nothing either.</param>
    public async ValueTask LeaveAsync(string? farewell, params object?[] arguments)
    {
        if (_isLeft) return;
        _isLeft = true;
        if (_module is not { } loading) return;
        try
        {
            var module = await loading;
            if (farewell is not null) await module.InvokeVoidAsync(farewell, arguments);
            await module.DisposeAsync();
        }
        catch (Exception e) when (e is JSException || IsGone(e))
        {
            // The tab is gone, and all that it held.
        }
    }

    private async Task<T?> AskAsync<T>(Func<IJSObjectReference, Task<T>> ask)
    {
        if (_isLeft) return default;
        try
        {
            // One that could not be loaded may load the next time.
            if (_module is null or { IsFaulted: true } or { IsCanceled: true })
                _module = js.InvokeAsync<IJSObjectReference>("import", address).AsTask();
            var module = await _module;
            return _isLeft ? default : await ask(module);
        }
        catch (Exception e) when (IsGone(e) || _isLeft && e is JSException or ObjectDisposedException)
        {
            return default;
        }
    }

    private static bool IsGone(Exception e) => e is JSDisconnectedException or OperationCanceledException;
}
