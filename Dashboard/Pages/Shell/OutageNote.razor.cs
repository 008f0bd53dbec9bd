using Dashboard.Pages.Live;
using Dashboard.Storage.Outages;
using Microsoft.AspNetCore.Components;

namespace Dashboard.Pages.Shell;

/// <summary>Below a second nobody would have read it.</summary>
public sealed partial class OutageNote : LiveComponent
{
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(1);

    private Outage? _outage;

    [Inject] private StorageOutages Outages { get; set; } = default!;

    protected override void OnInitialized() => Look();

    protected override void OnAfterRender(bool firstRender)
    {
        if (!firstRender) return;
        LivePull? pull = null;
        pull = Follow(Outages.Subscribe, () =>
        {
            if (!Look()) _ = LaterAsync(pull!);
            return Task.CompletedTask;
        });
    }

    /// <returns>false: look again in a moment.</returns>
    private bool Look()
    {
        var now = Outages.Current;
        var isYoung = now is { Kind: OutageKind.Database } && Time.GetUtcNow() - now.Since < Short;
        _outage = isYoung ? null : now;
        return !isYoung;
    }

    private async Task LaterAsync(LivePull pull)
    {
        await Task.Delay(Short, Time, Left).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!IsLeft) pull.Ask();
    }

    private string Clock(Outage outage) => Time.GetLocalNow().Date == outage.Since.ToLocalTime().Date
        ? outage.Since.ToLocalTime().ToString("HH:mm:ss", System.Globalization.CultureInfo.InvariantCulture)
        : outage.Since.ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss", System.Globalization.CultureInfo.InvariantCulture);
}
