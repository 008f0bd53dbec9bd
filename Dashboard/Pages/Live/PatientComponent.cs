using Dashboard.Storage;
using Dashboard.Storage.Outages;
using Microsoft.AspNetCore.Components;
using MudBlazor;

namespace Dashboard.Pages.Live;

/// <summary>
/// What every component is (see _Imports.razor): while database or data root can't be reached it keeps what it shows and loads again by
/// itself when they are back, and what somebody asked for meanwhile is answered by a sentence instead of an error in place of the page.
/// </summary>
public abstract class PatientComponent : ComponentBase, IHandleEvent
{
    private bool _hasBegun, _waits, _acts;

    [Inject] private IServiceProvider Provider { get; set; } = default!;

    /// <summary>Only while a request is answered, after which nobody sees what comes later.</summary>
    [CascadingParameter] private HttpContext? Request { get; set; }

    /// <summary>Nobody sees it any more.</summary>
    protected virtual bool IsGone => false;

    public override async Task SetParametersAsync(ParameterView parameters)
    {
        try
        {
            await base.SetParametersAsync(parameters);
            _hasBegun = true;
        }
        catch (Exception e) when (Outage.Of(e) is not null)
        {
            StateHasChanged();
            _ = LoadLaterAsync();
        }
    }

    Task IHandleEvent.HandleEventAsync(EventCallbackWorkItem callback, object? arg)
    {
        Task task;
        try
        {
            task = callback.InvokeAsync(arg);
        }
        catch (Exception e)
        {
            task = Task.FromException(e);
        }
        StateHasChanged();
        return task.Status is TaskStatus.RanToCompletion or TaskStatus.Canceled ? Task.CompletedTask : FinishAsync(task);
    }

    /// <summary>
    /// For acts that make or delete something: a second click that was on its way while the first one was answered is for nobody.
    /// </summary>
    /// <param name="act">Returns true when nothing is to come of this component any more, because it leads to another page.</param>
    protected async Task OnceAsync(Func<Task<bool>> act)
    {
        ArgumentNullException.ThrowIfNull(act);
        if (_acts) return;
        _acts = true;
        var isOver = false;
        try
        {
            isOver = await act();
        }
        finally
        {
            _acts = isOver;
        }
    }

    /// <inheritdoc cref="OnceAsync(Func{Task{bool}})"/>
    protected Task OnceAsync(Func<Task> act) => OnceAsync(async () =>
    {
        await act();
        return false;
    });

    /// <summary>Ends when what is away is back.</summary>
    private protected Task OutageOverAsync() =>
        Provider.GetService<StorageOutages>() is { } outages
        ? outages.OverAsync() : Task.Delay(OutageWatch.Look, Provider.GetRequiredService<TimeProvider>());

    private async Task FinishAsync(Task task)
    {
        try
        {
            await task;
        }
        catch (Exception) when (task.IsCanceled)
        {
            return;
        }
        catch (Exception e) when (e is StorageException || Outage.Of(e) is not null)
        {
            if (Request is not null || Provider.GetService<ISnackbar>() is not { } snackbar) throw;
            snackbar.Add(Outage.NotDone(e), Severity.Error);
        }
        StateHasChanged();
    }

    private async Task LoadLaterAsync()
    {
        if (_waits || Request is not null) return;
        _waits = true;
        try
        {
            await OutageOverAsync();
            _waits = false;
            await InvokeAsync(LoadAgainAsync);
        }
        catch (ObjectDisposedException)
        {
            // The page has been left.
        }
    }

    private async Task LoadAgainAsync()
    {
        if (IsGone) return;
        try
        {
            if (!_hasBegun) await OnInitializedAsync();
            _hasBegun = true;
            await OnParametersSetAsync();
            StateHasChanged();
        }
        catch (Exception e) when (Outage.Of(e) is not null)
        {
            _ = LoadLaterAsync();
        }
        catch (Exception e) when (e is ObjectDisposedException || IsGone)
        {
            // Left while it was loading.
        }
        catch (Exception e)
        {
            await DispatchExceptionAsync(e);
        }
    }
}
