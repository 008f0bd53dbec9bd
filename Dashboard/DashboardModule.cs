using Dashboard.Access.Doors;
using Dashboard.Api.HealthCheck;
using Dashboard.Api.Problems;
using Dashboard.Pages.Shell;
using Dashboard.Processes;
using Dashboard.Storage;
using Dashboard.Storage.Files;
using Dashboard.Storage.Upgrades;
using Dashboard.Terminal.Settings;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.Options;
using Microsoft.OpenApi;
using Training.Core.Runs;

namespace Dashboard;

/// <summary>What concerns the whole web app: options, JSON, errors, static files, start.</summary>
public static class DashboardModule
{
    public static void AddDashboard(this WebApplicationBuilder builder)
    {
        UseAssetsOfABuild(builder.WebHost);
        // What ends a start is said in words (StartProblem), or as an unhandled exception: not once more here, with a stack trace.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        builder.Services.AddSettings();
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddBackground();
        builder.Services.AddLocalization();
        builder.Services.AddProblemDetails(options => options.CustomizeProblemDetails = context =>
            ApiProblems.SayWhatToDo(context.ProblemDetails, context.HttpContext.Request));
        builder.Services.AddExceptionHandler<ApiExceptionHandler>();
        builder.Services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
        builder.Services.AddOpenApi(options => options.AddSchemaTransformer(SayNumber).AddDocumentTransformer((document, _, _) =>
        {
            document.Info.Title = "FineTuneDashboard";
            document.Info.Description = "Datasets, runs and what a run leaves. Errors are RFC 9457 problem details that name the field "
                + "and the remedy.";
            document.Components ??= new();
            document.AddComponent("token", new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http, Scheme = "bearer",
                    Description = "From another computer: a token that an admin makes under Accounts.",
            });
            return Task.CompletedTask;
        }));
        builder.Services.ConfigureHttpJsonOptions(options => CoreJson.ApplyFigures(options.SerializerOptions));
        // Not the folder of the program, which may differ: several dashboards read each other's cookies.
        builder.Services.AddDataProtection().SetApplicationName("FineTuneDashboard");
        builder.Services.AddOptions<KeyManagementOptions>().Configure<IOptions<DashboardOptions>, ILoggerFactory>((keys, options, logs) =>
            keys.XmlRepository = new FileSystemXmlRepository(new DirectoryInfo(options.Value.KeysFolder), logs));
    }

    /// <summary>
    /// Scripts of MudBlazor and Blazor are found from a build folder too, not only in Development. A build refers to them where NuGet put
    /// them, for the account that built; publish copies them.
    /// </summary>
    /// <exception cref="StartException">They aren't there any more, or this account can't read them.</exception>
    private static void UseAssetsOfABuild(IWebHostBuilder host)
    {
        try
        {
            host.UseStaticWebAssets();
        }
        catch (DirectoryNotFoundException exception)
        {
            throw new StartException($"{exception.Message.TrimEnd('.')}: this build in {AppContext.BaseDirectory} takes scripts and style "
                + "sheets from there. "
                + "Start ./run.sh, whose program has everything in its own folder, or build again.");
        }
    }

    public static void UseDashboard(this WebApplication app)
    {
        // Wrong settings end the start here, all of them at once.
        _ = app.Services.GetRequiredService<IOptions<DashboardOptions>>().Value;
        app.UseExceptionHandler();
        app.UseOuterDoors();
        app.UseWhen(context => context.Request.Path.StartsWithSegments("/api", StringComparison.Ordinal), api => api.UseStatusCodePages());
        // A page that sets 404 has an empty answer otherwise, for which browsers show an error of their own.
        app.UseWhen(IsForPeople, pages => pages.UseStatusCodePagesWithReExecute(NotFoundPage.Path, createScopeForStatusCodePages: true));
        // Here and not at the front, so that the page for "not found" is routed too.
        app.UseRouting();
        app.UseInnerDoors();
        app.MapOpenApi();
        app.MapHealth();
    }

    /// <summary>
    /// Numbers have a converter of ours, of which the generator can't know that it writes numbers, or null for what is none.
    /// </summary>
    private static Task SayNumber(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellationToken)
    {
        var type = Nullable.GetUnderlyingType(context.JsonTypeInfo.Type) ?? context.JsonTypeInfo.Type;
        if (type != typeof(double) && type != typeof(float)) return Task.CompletedTask;
        schema.Type = JsonSchemaType.Number | JsonSchemaType.Null;
        schema.Format = type == typeof(double) ? "double" : "float";
        return Task.CompletedTask;
    }

    private static bool IsForPeople(HttpContext context) =>
        !context.Request.Path.StartsWithSegments("/api", StringComparison.Ordinal)
        && context.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);

    /// <returns>The exit code.</returns>
    public static async Task<int> ServeAsync(this WebApplication app)
    {
        StartProblem.ThrowIfNoAddress(app.Configuration, app.Services.GetRequiredService<IOptions<DashboardOptions>>().Value);
        app.Services.GetRequiredService<DataRoot>().Open();
        await app.Services.GetRequiredService<DatabaseUpgrade>().RunAsync(app.Lifetime.ApplicationStopping);
        app.Services.GetRequiredService<DataRoot>().KnowDatabase();
        // Two dashboards that start at once would otherwise make a key each.
        await using (await app.Services.GetRequiredService<DatabaseLocks>()
            .TakeAsync("keys", "the keys of sign-ins", app.Lifetime.ApplicationStopping))
            app.Services.GetDataProtector(nameof(ServeAsync)).Protect([]);
        await app.RunAsync();
        return 0;
    }
}
