using System.Globalization;
using Dashboard.Api;
using Dashboard.Pages.Live;
using Dashboard.Pages.Shell;
using Dashboard.Pages.Wording;
using Dashboard.Runs;
using Dashboard.Runs.Predictions;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using Training.Core.Metrics.Predictions;

namespace Dashboard.Pages.Review;

/// <summary>Every prediction of an epoch as a card, wrong ones first, and one of them large.</summary>
public sealed partial class GalleryView
{
    /// <summary>Height of a row of cards with its gap, in CSS pixels; review.css gives cards the same height.</summary>
    private const int RowHeight = 268;

    // A held arrow key would otherwise change the address thirty times a second, and browsers stop listening after 200.
    private static readonly TimeSpan AddressDelay = TimeSpan.FromMilliseconds(250);

    private ElementReference _root;
    private ScriptModule? _script;
    private DotNetObjectReference<GalleryView>? _self;
    private IReadOnlyList<Prediction> _list = [];
    private List<int> _rows = [];
    private (EpochPredictions Shown, PredictionQuery Query)? _listed;
    private int _columns;
    private bool _isScrolled;
    private int? _held;
    private int? _lastFollowed;
    private int? _open;
    private string? _lastSampleText;
    private string? _requestedSample;

    [SupplyParameterFromQuery(Name = "truth")] public string? TruthText { get; set; }
    [SupplyParameterFromQuery(Name = "predicted")] public string? PredictedText { get; set; }
    [SupplyParameterFromQuery(Name = "wrong")] public string? WrongText { get; set; }
    [SupplyParameterFromQuery(Name = "min")] public string? MinText { get; set; }
    [SupplyParameterFromQuery(Name = "max")] public string? MaxText { get; set; }
    [SupplyParameterFromQuery(Name = "sort")] public string? SortText { get; set; }
    [SupplyParameterFromQuery(Name = "sample")] public string? SampleText { get; set; }

    [Inject] private IJSRuntime Js { get; set; } = null!;

    /// <summary>Stays where it is while someone looks at something: never moves images away under a hand.</summary>
    internal override int? Followed => _held ?? base.Followed;

    internal override bool IsFollowing => base.IsFollowing && _held is null;

    private protected override ReviewAddress Address => new(Run.Id, ReviewAddress.Images) { Epoch = Picked, Query = Query, Sample = _open };

    private PredictionQuery Query => new()
    {
        Truth = ReviewAddress.Number(TruthText),
        Predicted = ReviewAddress.Number(PredictedText),
        Wrong = ReviewAddress.YesNo(WrongText),
        MinConfidence = ReviewAddress.Share(MinText, 0),
        MaxConfidence = ReviewAddress.Share(MaxText, 1),
        Sort = PredictionSorts.Parse(SortText) ?? new PredictionQuery().Sort,
    };

    private bool IsFiltered => Query != new PredictionQuery { Sort = Query.Sort };

    private Prediction? Current { get; set; }

    private string Sentence => Shown!.Wrong == 0
        ? L["All {0} validation images are right", Figures.Count(Shown.Predictions.Count)]
        : L[Shown.Wrong == 1 ? "{0} of {1} validation images is wrong" : "{0} of {1} validation images are wrong",
            Figures.Count(Shown.Wrong), Figures.Count(Shown.Predictions.Count)];

    private string FilterSentence
    {
        get
        {
            var parts = new List<string>();
            if (Query.Truth is { } truth) parts.Add(L["truth {0}", Run.ClassName(truth)]);
            if (Query.Predicted is { } predicted) parts.Add(L["seen as {0}", Run.ClassName(predicted)]);
            if (Query.Wrong is { } wrong) parts.Add(wrong ? L["wrong"] : L["right"]);
            if (Query.MinConfidence > 0 || Query.MaxConfidence < 1)
                parts.Add(L["{0} to {1} sure", Figures.Percent(Query.MinConfidence, 0), Figures.Percent(Query.MaxConfidence, 0)]);
            return $"{Figures.Counted(_list.Count, "1 image", "{0} images", L)}: {string.Join(", ", parts)}";
        }
    }

    protected override async Task OnParametersSetAsync()
    {
        FollowAddress();
        var isBusy = _isScrolled || _open is not null || IsFiltered;
        if (isBusy && IsFollowing && Shown is { } shown && base.Followed != _lastFollowed) _held = shown.Epoch;
        _lastFollowed = base.Followed;
        Arrange();
        await base.OnParametersSetAsync();
    }

    internal override Task PickAsync(int? epoch)
    {
        _held = null;
        return base.PickAsync(epoch);
    }

    private protected override void ShownChanged() => Arrange();

    private void FollowAddress()
    {
        if (SampleText == _lastSampleText) return;
        _lastSampleText = SampleText;
        if (_requestedSample != (SampleText ?? "")) _open = ReviewAddress.Number(SampleText);
        _requestedSample = null;
    }

    private void Arrange()
    {
        if (Shown is null) return;
        if (_listed != (Shown, Query))
        {
            _listed = (Shown, Query);
            _list = Query.Apply(Shown.Predictions);
            LayOut();
        }
        Current = _open is { } sample ? Shown.Predictions.FirstOrDefault(p => p.SampleId == sample) : null;
    }

    // Nothing is drawn before the browser has said how many columns fit, so that cards don't jump.
    private void LayOut() => _rows = _columns == 0 ? [] : [.. Enumerable.Range(0, (_list.Count + _columns - 1) / _columns)];

    private string Link(int sampleId) => (Address with { Sample = sampleId }).ToString();

    private void Go(ReviewAddress address) => Navigation.NavigateTo(address.ToString(), replace: true);

    /// <param name="index">Place in the list, from 0.</param>
    private async Task MoveAsync(int index)
    {
        if (_list.Count == 0) return;
        _open = _list[Math.Clamp(index, 0, _list.Count - 1)].SampleId;
        Arrange();
        if (await RestsAsync(AddressDelay)) RequestOpen();
    }

    private async Task CloseAsync()
    {
        Moved();
        var index = Current is null ? -1 : ((List<Prediction>)[.. _list]).IndexOf(Current);
        _open = null;
        Arrange();
        RequestOpen();
        if (index >= 0 && _script is not null) await _script.CallAsync("reveal", _root, index);
    }

    private void RequestOpen()
    {
        var text = _open?.ToString(CultureInfo.InvariantCulture) ?? "";
        if (text == (SampleText ?? "")) return;
        _requestedSample = text;
        Go(Address);
    }

    [JSInvokable]
    public void SetColumns(int columns)
    {
        if (columns == _columns || columns < 1) return;
        _columns = columns;
        LayOut();
        StateHasChanged();
    }

    [JSInvokable]
    public void SetScrolled(bool isScrolled) => _isScrolled = isScrolled;

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender) return;
        _self = DotNetObjectReference.Create(this);
        _script = new ScriptModule(Js, AssetUrl.Of("js/gallery.js"));
        await _script.CallAsync("attach", _root, _self);
    }

    protected override async ValueTask LeaveAsync()
    {
        if (_script is not null) await _script.LeaveAsync("detach", _root);
        _self?.Dispose();
    }
}
