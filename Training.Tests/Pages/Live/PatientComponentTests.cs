using Bunit;
using Dashboard.Pages.Live;
using Dashboard.Storage;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Rendering;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor;
using Npgsql;
using Training.Tests.TestKit;

namespace Training.Tests.Pages.Live;

public sealed class PatientComponentTests : ComponentTests
{
    private static readonly StorageException Away = new("The data root /data is gone.") { IsOutage = true };

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    [Fact]
    public void Load_DuringAnOutage_IsDoneAgainWhenItIsOver()
    {
        var elsewhere = App.DataRoot + ".elsewhere";
        Directory.Move(App.DataRoot, elsewhere);
        var loads = 0;

        var page = Render<Page>(parameters => parameters.Add(page => page.Load, () => ++loads == 1 ? throw Away : Task.CompletedTask));
        Assert.Equal("waits", page.Find("p").TextContent);
        Directory.Move(elsewhere, App.DataRoot);

        page.WaitForAssertion(() => Assert.Equal("loaded", page.Find("p").TextContent), Patience);
        Assert.Equal(2, loads);
    }

    [Fact]
    public void Load_ThatFailsOtherwise_IsAnErrorAsEver() =>
        Assert.Throws<InvalidOperationException>(() =>
            Render<Page>(parameters => parameters.Add(page => page.Load, () => throw new InvalidOperationException("a fault"))));

    [Fact]
    public void Command_DuringAnOutage_IsAnsweredInASentenceAndThePageStays()
    {
        var page = Render<Page>(parameters =>
            parameters.Add(page => page.Command, () =>
                throw new InvalidOperationException("transient", new NpgsqlException("refused", new IOException()))));

        page.Find("button").Click();

        page.WaitForAssertion(() => Assert.StartsWith(
            "The database doesn't answer, so this was not done.",
            Assert.Single(Services.GetRequiredService<ISnackbar>().ShownSnackbars).Message, StringComparison.Ordinal), Patience);
        Assert.Equal("loaded", page.Find("p").TextContent);
    }

    [Fact]
    public void Command_ThatTheStorageRefuses_IsAnsweredInItsWords()
    {
        var page = Render<Page>(parameters =>
            parameters.Add(page => page.Command, () => throw new StorageException("The disk that holds the data root is full.")));

        page.Find("button").Click();

        page.WaitForAssertion(() => Assert.Equal(
            "The disk that holds the data root is full.", Assert.Single(Services.GetRequiredService<ISnackbar>().ShownSnackbars).Message),
            Patience);
    }

    private sealed class Page : PatientComponent
    {
        private bool _loaded;

        [Parameter] public Func<Task> Load { get; set; } = () => Task.CompletedTask;

        [Parameter] public Func<Task> Command { get; set; } = () => Task.CompletedTask;

        protected override async Task OnInitializedAsync()
        {
            await Load();
            _loaded = true;
        }

        protected override void BuildRenderTree(RenderTreeBuilder builder)
        {
            ArgumentNullException.ThrowIfNull(builder);
            builder.AddMarkupContent(0, _loaded ? "<p>loaded</p>" : "<p>waits</p>");
            builder.OpenElement(1, "button");
            builder.AddAttribute(2, "onclick", EventCallback.Factory.Create<MouseEventArgs>(this, async () =>
            {
                await Task.Yield();
                await Command();
            }));
            builder.CloseElement();
        }
    }
}
