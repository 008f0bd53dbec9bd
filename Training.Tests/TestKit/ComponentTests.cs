using Bunit;
using Dashboard.Layout;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor.Services;

namespace Training.Tests.TestKit;

/// <summary>Components over the services of the real app in memory; what they call in the browser is recorded.</summary>
public abstract class ComponentTests : BunitContext, IAsyncLifetime
{
    private readonly AsyncServiceScope _scope;

    protected ComponentTests()
    {
        JSInterop.Mode = JSRuntimeMode.Loose;
        Services.AddMudServices();
        Services.AddLocalization();
        Services.AddScoped<PageVisibility>();
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
