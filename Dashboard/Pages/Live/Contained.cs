using Dashboard.Pages.Wording;
using Dashboard.Protocol;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Rendering;
using Microsoft.Extensions.Localization;

namespace Dashboard.Pages.Live;

/// <summary>
/// A row, card or part that may hold what can't be shown: then one sentence stands in its place, and all others are shown. It is tried
/// again whenever the page gives it new values.
/// </summary>
public sealed partial class Contained : ErrorBoundaryBase
{
    private bool _told;

    /// <summary>What it is, such as "Run 12": the sentence begins with it.</summary>
    [Parameter, EditorRequired] public string Name { get; set; } = "";

    /// <summary>Of the table whose row it is; 0: it is no row.</summary>
    [Parameter] public int Columns { get; set; }

    [Inject] private ILogger<Contained> Logger { get; set; } = default!;
    [Inject] private IStringLocalizer<Words> Words { get; set; } = default!;

    protected override void OnParametersSet() => Recover();

    protected override Task OnErrorAsync(Exception exception)
    {
        if (!_told) LogNotShown(Logger, exception, ForeignText.Line(Name));
        _told = true;
        return Task.CompletedTask;
    }

    protected override void BuildRenderTree(RenderTreeBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        if (CurrentException is null)
        {
            builder.AddContent(0, ChildContent);
            return;
        }
        builder.OpenElement(1, Columns > 0 ? "tr" : "div");
        if (Columns > 0)
        {
            builder.OpenElement(2, "td");
            builder.AddAttribute(3, "colspan", Columns);
        }
        builder.OpenElement(4, "p");
        builder.AddAttribute(5, "class", "note w");
        builder.AddAttribute(6, "role", "alert");
        builder.AddContent(7,
            Words["{0} can't be shown: what is stored of it makes no sense here. The dashboard's own log has the reason.", Name].Value);
        builder.CloseElement();
        if (Columns > 0) builder.CloseElement();
        builder.CloseElement();
    }

    [LoggerMessage(LogLevel.Error, "{Name} can't be shown")]
    private static partial void LogNotShown(ILogger logger, Exception exception, string name);
}
