using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.JSInterop;

namespace Dashboard.Pages.Shell;

/// <summary>Menu, page and colours. The colours of MudBlazor follow the browser's choice (js/theme.js).</summary>
public sealed partial class MainLayout : IDisposable
{
    private ErrorBoundary? _boundary;
    private DotNetObjectReference<MainLayout>? _self;
    private bool _isDark;

    [Inject] private IJSRuntime Js { get; set; } = default!;
    [Inject] private NavigationManager Navigation { get; set; } = default!;
    [CascadingParameter] private ThemeChoice Remembered { get; set; } = ThemeChoice.Default;

    public ColourScheme Scheme { get; private set; }

    public async Task ChooseAsync(ColourScheme scheme)
    {
        Scheme = scheme;
        _isDark = await Js.InvokeAsync<bool>("fineTuneTheme.set", Word(scheme));
        StateHasChanged();
    }

    [JSInvokable]
    public void SchemeChanged(bool isDark)
    {
        if (isDark == _isDark) return;
        _isDark = isDark;
        StateHasChanged();
    }

    public void Dispose() => _self?.Dispose();

    protected override void OnInitialized() => (Scheme, _isDark) = Remembered;

    // Another page begins without the last one's error.
    protected override void OnParametersSet() => _boundary?.Recover();

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender) return;
        _self = DotNetObjectReference.Create(this);
        SchemeChanged(await Js.InvokeAsync<bool>("fineTuneTheme.listen", _self));
    }

    private static string Word(ColourScheme scheme) => scheme switch
    {
        ColourScheme.Light => "light",
        ColourScheme.Dark => "dark",
        _ => "system",
    };
}
