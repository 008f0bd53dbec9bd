using Bunit;
using Dashboard.Pages.Live;
using Dashboard.Storage;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using MudBlazor.Services;

namespace Training.Tests.TestKit;

/// <summary>Components over the services of the real app in memory; what they call in the browser is recorded.</summary>
public abstract class ComponentTests : BunitContext, IAsyncLifetime
{
    private readonly AsyncServiceScope _scope;

    protected ComponentTests()
    {
        JSInterop.Mode = JSRuntimeMode.Loose;
        this.LookAs(AccountRole.Admin);
        Services.AddMudServices();
        Services.AddLocalization();
        Services.AddScoped<PageVisibility>();
        Services.AddSupplyValueFromQueryProvider();
        // Otherwise the options of an app without settings would be found first: the user's own data root.
        Services.AddSingleton(App.Get<IOptions<DashboardOptions>>());
        // A circuit has a scope too; the root provider refuses what is scoped.
        _scope = App.Services.CreateAsyncScope();
        Services.AddFallbackServiceProvider(_scope.ServiceProvider);
    }

    protected DashboardApp App { get; } = new();

    protected PageVisibility Visibility => Services.GetRequiredService<PageVisibility>();

    public Task InitializeAsync() => Task.CompletedTask;

    public new async Task DisposeAsync()
    {
        await base.DisposeAsync();
        await _scope.DisposeAsync();
        await App.DisposeAsync();
    }
}
