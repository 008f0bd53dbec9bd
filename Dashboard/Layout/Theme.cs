using MudBlazor;

namespace Dashboard.Layout;

/// <summary>MudBlazor's palettes, from the same tokens as app.css.</summary>
public static class Theme
{
    public static MudTheme Of { get; } = new();
}
