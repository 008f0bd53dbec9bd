using Bunit;
using Dashboard.Datasets;
using Dashboard.Pages.Live;
using Dashboard.Pages.Review;
using Dashboard.Processes;
using Dashboard.Runs;
using Dashboard.Storage;
using Dashboard.Storage.Upgrades;
using Microsoft.AspNetCore.Components;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using MudBlazor.Services;
using Training.Tests.TestKit;

namespace Training.Tests.Pages.Review;

/// <summary>Renders a tab of the run page as the run page does, at an address.</summary>
internal sealed class ReviewPage : BunitContext
{
    private readonly ReviewRun _run;

    // Reached only when something is wrong, or the machine very busy.
    static ReviewPage() => DefaultWaitTimeout = TimeSpan.FromSeconds(30);

    public ReviewPage(ReviewRun run)
    {
        _run = run;
        JSInterop.Mode = JSRuntimeMode.Loose;
        this.LookAs(AccountRole.Admin);
        Services.AddSingleton<IOptions<DashboardOptions>>(run.Settings).AddSingleton<TimeProvider>(Clock);
        Services.AddLogging().AddLocalization().AddStorage().AddDatasets().AddPredictions().AddSupplyValueFromQueryProvider();
        Services.AddMudServices(mud => mud.PopoverOptions.CheckForPopoverProvider = false).AddScoped<PageVisibility>().AddBackground();
    }

    public FakeTimeProvider Clock { get; } = new();

    public NavigationManager Navigation => Services.GetRequiredService<NavigationManager>();

    /// <summary>What stands behind the question mark of the address.</summary>
    public string Query => new Uri(Navigation.Uri).Query.TrimStart('?');

    public async Task<IRenderedComponent<T>> OpenAsync<T>(string query = "") where T : ReviewView
    {
        await Services.GetRequiredService<DatabaseUpgrade>().RunAsync();
        Navigation.NavigateTo("/runs/7?" + query);
        var view = Render<T>(view => view.Add(v => v.Run, _run.Row).Add(v => v.Epochs, _run.Epochs));
        // As js/gallery.js does once it has measured the page.
        if (view.Instance is GalleryView gallery) await view.InvokeAsync(() => gallery.SetColumns(4));
        return view;
    }

    /// <summary>The dataset that the run was of, as its last scan left it.</summary>
    public async Task StoreAsync(DatasetRow dataset, params SampleRow[] samples)
    {
        await Services.GetRequiredService<DatabaseUpgrade>().RunAsync();
        await using var db = await Services.GetRequiredService<IDbContextFactory<DashboardDb>>().CreateDbContextAsync();
        db.Add(dataset);
        db.AddRange(samples.AsEnumerable<object>());
        await db.SaveChangesAsync();
    }

    /// <summary>The run has changed: the page hands over fresh values.</summary>
    public void Refresh<T>(IRenderedComponent<T> view) where T : ReviewView =>
        view.Render(v => v.Add(x => x.Run, _run.Row).Add(x => x.Epochs, _run.Epochs));
}
