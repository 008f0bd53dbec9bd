using Dashboard.Pages.Accounts;
using Dashboard.Pages.Images;
using Dashboard.Pages.Live;
using MudBlazor;
using MudBlazor.Services;

namespace Dashboard.Pages;

public static class PagesModule
{
    public static IServiceCollection AddPages(this IServiceCollection services)
    {
        services.AddRazorComponents().AddInteractiveServerComponents();
        services.AddMudServices(options => options.SnackbarConfiguration.PositionClass = Defaults.Classes.Position.BottomRight);
        services.AddScoped<PageVisibility>();
        return services;
    }

    public static void MapPages(this WebApplication app)
    {
        // People get a page, scripts problem details: a refused POST must not be run again as a page.
        app.UseWhen(IsForScripts, scripts => scripts.UseStatusCodePages());
        app.UseWhen(context => !IsForScripts(context), pages =>
            pages.UseStatusCodePagesWithReExecute("/not-found", createScopeForStatusCodePages: true));
        app.UseAntiforgery();
        app.MapStaticAssets();
        app.MapSignOut();
        ImagesApi.Map(app);
        // ForeignPages says who may frame pages, with the rest of the policy.
        app.MapRazorComponents<App>().AddInteractiveServerRenderMode(options => options.ContentSecurityFrameAncestorsPolicy = null);
    }

    private static bool IsForScripts(HttpContext context) => context.Request.Path.StartsWithSegments("/api");
}
