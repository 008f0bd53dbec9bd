using Bunit;
using Dashboard.Datasets.Imports;
using Dashboard.Pages.Live;
using Dashboard.Storage;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using MudBlazor.Services;
using Training.Tests.Datasets;
using Training.Tests.TestKit;

namespace Training.Tests.Pages.Datasets;

/// <summary>Pages of datasets over the bench's real store, without a browser.</summary>
internal sealed class DatasetPages : BunitContext
{
    public DatasetPages(DatasetBench bench, AccountRole visitor = AccountRole.Admin)
    {
        JSInterop.Mode = JSRuntimeMode.Loose;
        this.LookAs(visitor);
        Services.AddLocalization();
        Services.AddMudServices();
        Services.AddSingleton(bench.Store);
        Services.AddSingleton(bench.App.Get<AllowedFolders>());
        Services.AddSingleton(bench.App.Get<IOptions<DashboardOptions>>());
        Services.AddSingleton(TimeProvider.System);
        Services.AddScoped<PageVisibility>();
    }

    public NavigationManager Navigation => Services.GetRequiredService<NavigationManager>();

    public string Path => Navigation.ToBaseRelativePath(Navigation.Uri);

    public IRenderedComponent<T> Open<T>(
        string address, Action<ComponentParameterCollectionBuilder<T>>? parameters = null) where T : IComponent
    {
        Navigation.NavigateTo(address);
        return Render(parameters);
    }
}
