using MudBlazor;

namespace Dashboard.Pages.Shell;

/// <summary>MudBlazor's palettes, from the same tokens as app.css (a test keeps the two equal).</summary>
public static class Theme
{
    public static MudTheme Of { get; } = new()
    {
        PaletteLight = Fill(new PaletteLight(), new Tokens(
            Bg: "#f6f7f9", Panel: "#fff", Line: "#e3e6eb", Ink: "#1b1f27", Soft: "#5b6577",
            Pri: "#2f5bea", OnPri: "#fff", Ok: "#0c7a54", Bad: "#c8372d", Warn: "#a15c00")),
        PaletteDark = Fill(new PaletteDark(), new Tokens(
            Bg: "#0f1217", Panel: "#171b22", Line: "#2a303a", Ink: "#e8ebf0", Soft: "#98a2b3",
            Pri: "#7d9bff", OnPri: "#0f1217", Ok: "#4cc596", Bad: "#ff8078", Warn: "#ffc266")),
        LayoutProperties = new LayoutProperties { DefaultBorderRadius = "8px" },
        Typography = new Typography
        {
            Default = new DefaultTypography
            {
                FontFamily = ["Inter", "Noto Sans KR", "system-ui", "Noto Sans CJK KR", "sans-serif"],
                FontSize = "14px", LineHeight = "1.45", LetterSpacing = "normal",
            },
            Body1 = new Body1Typography { FontSize = "14px", LineHeight = "1.45", LetterSpacing = "normal" },
            Body2 = new Body2Typography { FontSize = "13px", LineHeight = "1.45", LetterSpacing = "normal" },
            Caption = new CaptionTypography { FontSize = "12px", LineHeight = "1.45", LetterSpacing = "normal" },
            H6 = new H6Typography { FontSize = "16px", FontWeight = "650", LetterSpacing = "normal" },
            Button = new ButtonTypography { FontSize = "14px", FontWeight = "600", LineHeight = "1.5", LetterSpacing = "normal",
                TextTransform = "none" },
        },
    };

    private static T Fill<T>(T palette, Tokens tokens) where T : Palette
    {
        palette.Background = palette.BackgroundGray = tokens.Bg;
        palette.Surface = palette.DrawerBackground = palette.AppbarBackground = tokens.Panel;
        palette.TextPrimary = palette.DrawerText = palette.AppbarText = palette.ActionDefault = tokens.Ink;
        palette.TextSecondary = palette.DrawerIcon = palette.TextDisabled = palette.ActionDisabled = tokens.Soft;
        palette.ActionDisabledBackground = palette.Skeleton = palette.Divider = palette.DividerLight = tokens.Line;
        palette.LinesDefault = palette.LinesInputs = palette.TableLines = tokens.Line;
        palette.Primary = palette.Info = tokens.Pri;
        palette.Secondary = palette.Tertiary = palette.Dark = tokens.Soft;
        palette.Success = tokens.Ok;
        palette.Error = tokens.Bad;
        palette.Warning = tokens.Warn;
        palette.PrimaryContrastText = palette.InfoContrastText = palette.SuccessContrastText = tokens.OnPri;
        palette.ErrorContrastText = palette.WarningContrastText = tokens.OnPri;
        return palette;
    }

    private sealed record Tokens(
        string Bg, string Panel, string Line, string Ink, string Soft, string Pri, string OnPri, string Ok, string Bad, string Warn);
}
