using Dashboard.Pages.Live;
using Dashboard.Runs.Predictions;
using Dashboard.Storage;
using Dashboard.Storage.Outages;
using Microsoft.AspNetCore.Components;

namespace Dashboard.Pages.Review;

/// <summary>
/// A tab that shows one evaluated epoch: the one in the address, else it follows the run (the newest while it trains, the best once it has
/// ended). What is on screen stays until the next epoch has been read.
/// </summary>
public abstract class ReviewView : LiveComponent
{
    private (int Run, int Attempt, int? Epoch) _asked;
    private bool _reading;
    private int? _dragged;
    private string? _lastEpochText;
    private int? _known;

    [Parameter, EditorRequired] public required RunRow Run { get; set; }

    [Parameter, EditorRequired] public required IReadOnlyList<EpochRow> Epochs { get; set; }

    [SupplyParameterFromQuery(Name = "epoch")] public string? EpochText { get; set; }

    [Inject] protected NavigationManager Navigation { get; set; } = null!;

    [Inject] private PredictionStore Store { get; set; } = null!;

    internal EpochPredictions? Shown { get; private set; }

    /// <summary>The wanted epoch has no predictions.</summary>
    internal bool Missing { get; private set; }

    /// <summary>Why the predictions can't be read; null when they could.</summary>
    internal string? Failure { get; private set; }

    /// <summary>The epoch that the address names.</summary>
    internal int? Picked => ReviewAddress.Number(EpochText);

    internal int? Newest => Epochs is [.., var newest] ? newest.Epoch : null;

    /// <summary>What the tab shows while nobody picked an epoch.</summary>
    internal virtual int? Followed => Run.State.IsEnded() ? Run.BestEpoch ?? Newest : Newest;

    /// <summary>Whether the tab moves on by itself when the run does.</summary>
    internal virtual bool IsFollowing => Picked is null && _dragged is null;

    /// <summary>An epoch that came while the tab stayed on an older one; null: none.</summary>
    internal int? Offered => !IsFollowing && Newest > _known ? Newest : null;

    internal int? Wanted => _dragged ?? Picked ?? Followed;

    /// <summary>The address of what is on screen.</summary>
    private protected abstract ReviewAddress Address { get; }

    protected override Task OnParametersSetAsync()
    {
        if (EpochText != _lastEpochText) (_lastEpochText, _dragged) = (EpochText, null);
        if (_known is null || IsFollowing) _known = Newest;
        return ShowAsync(Wanted);
    }

    /// <summary>Shows an epoch while the slider is dragged; the address waits for the release.</summary>
    internal async Task DragToAsync(int epoch)
    {
        _dragged = epoch;
        await ShowAsync(epoch);
        StateHasChanged();
    }

    /// <param name="epoch">null: follow the run again.</param>
    internal virtual async Task PickAsync(int? epoch)
    {
        (_dragged, _known) = (epoch, Newest);
        Navigation.NavigateTo((Address with { Epoch = epoch }).ToString(), replace: true);
        // The address may be the same as before, so nothing else would ask for the epoch.
        await ShowAsync(epoch ?? Followed);
        StateHasChanged();
    }

    /// <summary>Reads an epoch unless it is on screen; a later wish overtakes an earlier one.</summary>
    private async Task ShowAsync(int? epoch)
    {
        var wish = (Run.Id, Run.Attempt, epoch);
        if (epoch is null || (wish == _asked && (_reading || !Missing))) return;
        (_asked, _reading) = (wish, true);
        try
        {
            var predictions = await Store.GetAsync(Run, epoch.Value, Left);
            if (_asked != wish) return;
            Accept(predictions, failure: null);
        }
        catch (Exception e) when (Outage.Of(e) is null && e is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            if (_asked == wish) Accept(null, e.Message);
        }
        catch (Exception e) when (Outage.Of(e) is not null)
        {
            if (_asked == wish) (_asked, _reading) = (default, false);
            throw;
        }
        catch (OperationCanceledException) when (IsLeft)
        {
        }
    }

    /// <summary>Called when <see cref="Shown"/> has become another epoch.</summary>
    private protected virtual void ShownChanged()
    {
    }

    private void Accept(EpochPredictions? predictions, string? failure)
    {
        (_reading, Failure, Missing) = (false, failure, predictions is null && failure is null);
        Shown = predictions;
        if (predictions is not null) ShownChanged();
    }
}
