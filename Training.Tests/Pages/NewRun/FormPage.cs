using Bunit;
using Dashboard.Datasets;
using Dashboard.Machines;
using Dashboard.Machines.Devices;
using Dashboard.Pages.Live;
using Dashboard.Pages.NewRun;
using Dashboard.Runs;
using Dashboard.Runs.Weights;
using Dashboard.Storage;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using MudBlazor.Services;
using Training.Core.Recipes;
using Training.Tests.TestKit;

namespace Training.Tests.Pages.NewRun;

/// <summary>Renders the form of a new run over the services of a real dashboard.</summary>
internal sealed class FormPage : BunitContext
{
    public FormPage()
    {
        JSInterop.Mode = JSRuntimeMode.Loose;
        this.LookAs(AccountRole.Admin);
        Services.AddSingleton(App.Get<DatasetStore>()).AddSingleton(App.Get<RunService>()).AddSingleton(App.Get<MachineSpeeds>())
            .AddSingleton(App.Get<Dashboard.Dispatch.RateSearch.RateSearches>()).AddSingleton(App.Get<BackboneDownloads>())
                .AddSingleton(App.Get<StartModels>())
            .AddSingleton(App.Get<MachineRegistry>()).AddSingleton(App.Get<IOptions<DashboardOptions>>()).AddSingleton(TimeProvider.System);
        Services.AddScoped<PageVisibility>().AddLogging().AddLocalization().AddSupplyValueFromQueryProvider();
        Services.AddMudServices(mud => mud.PopoverOptions.CheckForPopoverProvider = false);
        SetRendererInfo(new RendererInfo("Server", isInteractive: true));
    }

    public DashboardApp App { get; } = new();

    public NavigationManager Navigation => Services.GetRequiredService<NavigationManager>();

    public RunBuilder Builder(string dataset = "cats and dogs", params string[] classes) => new(App)
    {
        DatasetName = dataset, Classes = classes.Length > 0 ? classes : ["cat", "dog", "rabbit"], Images = false, Predictions = false,
    };

    public void MeasureMachine() => App.Get<MachineSpeeds>().Set(
        App.Get<LocalMachine>().Name, new MeasuredSpeed(new MachineSpeed(30, 100, 1_000), "cpu", "1", TimeProvider.System.GetUtcNow()));

    public IRenderedComponent<NewRunPage> Open(string query = "")
    {
        Navigation.NavigateTo("/new" + query);
        var page = Render<NewRunPage>();
        page.WaitForAssertion(() => Assert.DoesNotContain("Looking for datasets", page.Markup, StringComparison.Ordinal),
            TimeSpan.FromSeconds(10));
        return page;
    }

    /// <summary>With everything else unfolded.</summary>
    public IRenderedComponent<NewRunPage> OpenAdvanced(string query = "")
    {
        var page = Open(query);
        page.Find("details.advanced summary").Click();
        return page;
    }

    protected override async ValueTask DisposeAsyncCore()
    {
        await base.DisposeAsyncCore();
        await App.DisposeAsync();
    }
}
