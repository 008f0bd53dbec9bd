using Dashboard.Storage;
using Microsoft.Extensions.FileProviders;
using Training.Core.Runs;

namespace Dashboard;

/// <summary>What concerns the whole web app: options, JSON, errors, static files, start.</summary>
public static class DashboardModule
{
    public static void AddDashboard(this WebApplicationBuilder builder)
    {
        // Scripts of MudBlazor and Blazor are found from a build folder too, not only in Development or after a publish.
        builder.WebHost.UseStaticWebAssets();
        builder.Services.AddOptions<DashboardOptions>()
            .BindConfiguration(DashboardOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddLocalization();
        builder.Services.AddProblemDetails();
        builder.Services.AddOpenApi();
        builder.Services.ConfigureHttpJsonOptions(options => CoreJson.Apply(options.SerializerOptions));
    }

    public static void UseDashboard(this WebApplication app)
    {
        app.UseStaticFiles(new StaticFileOptions
        {
            FileProvider = new PhysicalFileProvider(Path.Combine(AppContext.BaseDirectory, "wwwroot-assets")),
            RequestPath = "/assets",
        });
        app.MapOpenApi();
        app.MapGet("/health", () => TypedResults.Ok(new { status = "healthy" }));
    }

    public static async Task<int> ServeAsync(this WebApplication app)
    {
        app.Services.GetRequiredService<DataRoot>().Open();
        await app.Services.GetRequiredService<DatabaseUpgrade>().RunAsync(app.Lifetime.ApplicationStopping);
        await app.RunAsync();
        return 0;
    }
}
