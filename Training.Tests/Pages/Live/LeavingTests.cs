using System.Reflection;
using Bunit;
using Dashboard.Pages.Live;
using Dashboard.Pages.Review;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.JSInterop;
using Training.Tests.Pages.Review;
using static Training.Tests.Pages.Review.ReviewRun;

namespace Training.Tests.Pages.Live;

/// <summary>A component goes while it waits for something: a timer, the browser, a script that is on its way.</summary>
public sealed class LeavingTests
{
    [Fact]
    public async Task Gallery_LeftRightAfterAnArrowKey_ThrowsNothingAndLeavesTheAddressAlone()
    {
        using var run = new ReviewRun("cat", "dog");
        run.Epoch([Seen(10, 0, 1), Seen(11, 1, 0), Seen(12, 0, 0)]);
        await using var page = new ReviewPage(run);
        var view = await page.OpenAsync<GalleryView>("tab=images&sample=10");
        var press = view.WaitForElement("dialog").KeyDownAsync(new KeyboardEventArgs { Key = "ArrowRight" });

        await page.DisposeComponentsAsync();
        page.Navigation.NavigateTo("/runs/7?tab=curves");
        page.Clock.Advance(TimeSpan.FromSeconds(1));

        await press.WaitAsync(TimeSpan.FromMinutes(1));
        Assert.False(page.Renderer.UnhandledException.IsCompleted);
        Assert.Equal("tab=curves", page.Query);
    }

    [Fact]
    public async Task Component_ThatIsGone_CanStillBeAskedWhetherItIs()
    {
        await using var context = new BunitContext();
        context.Services.AddSingletons();
        var shown = context.Render<Waiting>();
        var component = shown.Instance;

        await context.DisposeComponentsAsync();

        Assert.True(component.IsOver);
        Assert.False(await component.RestAsync());
    }

    [Fact]
    public async Task Script_OfAComponentThatWentWhileItWasLoaded_IsGivenBackAndNotCalled()
    {
        var browser = new Browser { Loading = new TaskCompletionSource() };
        var script = new ScriptModule(browser, "chart.js");
        var creating = script.CallAsync("create", 1);
        var leaving = script.LeaveAsync("destroy", 1);

        browser.Loading.SetResult();
        await leaving;

        Assert.False(await creating);
        Assert.Equal(["import chart.js", "destroy", "disposed"], browser.Calls);
        Assert.False(await script.CallAsync("update", 1));
        Assert.Equal(3, browser.Calls.Count);
    }

    [Fact]
    public async Task Script_ThatNobodyNeeded_IsNotLoadedToSayGoodbye()
    {
        var browser = new Browser();

        await new ScriptModule(browser, "chart.js").LeaveAsync("destroy", 1);

        Assert.Empty(browser.Calls);
    }

    [Fact]
    public async Task Script_OfATabThatIsGone_IsQuiet()
    {
        var browser = new Browser { Failure = new JSDisconnectedException("gone") };
        var script = new ScriptModule(browser, "chart.js");

        Assert.False(await script.CallAsync("create"));
        Assert.Null(await script.AskAsync<string>("name"));
        await script.DisposeAsync();
    }

    [Fact]
    public async Task Script_ThatFails_SaysSoAndMayBeLoadedAgain()
    {
        var browser = new Browser { Failure = new JSException("no such file") };
        var script = new ScriptModule(browser, "chart.js");
        await Assert.ThrowsAsync<JSException>(() => script.CallAsync("create"));

        browser.Failure = null;

        Assert.True(await script.CallAsync("create"));
    }

    [Fact]
    public void EveryComponentWithAScript_HoldsItByAModuleThatIsGivenBack()
    {
        var components = typeof(LiveComponent).Assembly.GetTypes().Where(type => typeof(IComponent).IsAssignableFrom(type)).ToList();
        const BindingFlags own = BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public | BindingFlags.DeclaredOnly;

        Assert.DoesNotContain(components, type =>
            type.GetFields(own).Any(field => typeof(IJSObjectReference).IsAssignableFrom(field.FieldType)));
        var holders = components.Where(type => type.GetFields(own).Any(field => field.FieldType == typeof(ScriptModule))).ToList();
        Assert.NotEmpty(holders);
        Assert.All(holders, type => Assert.True(typeof(IAsyncDisposable).IsAssignableFrom(type), type.Name));
        Assert.DoesNotContain(holders, type => typeof(LiveComponent).IsAssignableFrom(type) && type.GetMethod("LeaveAsync", own) is null);
    }

    /// <summary>What a browser does with scripts, written down.</summary>
    private sealed class Browser : IJSRuntime, IJSObjectReference
    {
        public List<string> Calls { get; } = [];

        public TaskCompletionSource? Loading { get; init; }

        public Exception? Failure { get; set; }

        public async ValueTask<TValue> InvokeAsync<TValue>(string identifier, object?[]? args)
        {
            if (Failure is { } failure) throw failure;
            Calls.Add(identifier == "import" ? $"import {args![0]}" : identifier);
            if (identifier != "import") return default!;
            if (Loading is { } loading) await loading.Task;
            return (TValue)(object)this;
        }

        public ValueTask<TValue> InvokeAsync<TValue>(string identifier, CancellationToken cancellationToken, object?[]? args) =>
            InvokeAsync<TValue>(identifier, args);

        public ValueTask DisposeAsync()
        {
            Calls.Add("disposed");
            return ValueTask.CompletedTask;
        }
    }
}

internal sealed class Waiting : LiveComponent
{
    public bool IsOver => Left.IsCancellationRequested;

    public Task<bool> RestAsync() => RestsAsync(TimeSpan.FromMinutes(5));
}

internal static class LiveServices
{
    public static void AddSingletons(this Microsoft.Extensions.DependencyInjection.IServiceCollection services)
    {
        Microsoft.Extensions.DependencyInjection.ServiceCollectionServiceExtensions.AddSingleton(services, TimeProvider.System);
        Microsoft.Extensions.DependencyInjection.ServiceCollectionServiceExtensions.AddScoped<PageVisibility>(services);
        Microsoft.Extensions.DependencyInjection.LocalizationServiceCollectionExtensions.AddLocalization(services);
    }
}
