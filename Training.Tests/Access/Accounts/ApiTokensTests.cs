using System.Net;
using Dashboard.Access.Accounts;
using Dashboard.Protocol;
using Dashboard.Storage;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.EntityFrameworkCore;
using Training.Tests.TestKit;

namespace Training.Tests.Access.Accounts;

public sealed class ApiTokensTests : IAsyncDisposable
{
    private readonly DashboardApp _app = Elsewhere.App();

    private ApiTokens Tokens => _app.Get<ApiTokens>();

    [Fact]
    public async Task Token_Revoked_IsRefusedAtOnce()
    {
        using var program = await Elsewhere.ProgramAsync(_app, AccountRole.Viewer);
        var before = await program.GetAsync("/api/runs");
        await Tokens.RevokeAsync(Assert.Single(await Tokens.ListAsync()).Id);
        var after = await program.GetAsync("/api/runs");

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Unauthorized), (before.StatusCode, after.StatusCode));
        Assert.Contains("may have been revoked", await after.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Token_RevokedWhileItWatches_LosesItsConnection()
    {
        await using var app = DashboardApp.Listening();
        var secret = await app.Get<ApiTokens>().MakeAsync("a watcher", AccountRole.Viewer, "a test");
        await using var connection = new HubConnectionBuilder().WithUrl(new Uri(app.Url, IProgressHub.Path), HttpTransportType.WebSockets,
            options => options.Headers["Authorization"] = $"Bearer {secret}").Build();
        var closed = new TaskCompletionSource();
        connection.Closed += _ =>
        {
            closed.TrySetResult();
            return Task.CompletedTask;
        };
        await connection.StartAsync();

        await app.Get<ApiTokens>().RevokeAsync((await app.Get<ApiTokens>().ListAsync())[0].Id);

        await closed.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task Token_ThatIsWrong_IsRefusedAtThisComputerToo()
    {
        using var client = Elsewhere.ClientOf(_app, "127.0.0.1", "127.0.0.1");
        client.DefaultRequestHeaders.Authorization = new("Bearer", "ftd_guessed");

        Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync("/api/runs")).StatusCode);
    }

    [Fact]
    public async Task Token_Made_IsNowhereInTheDatabase()
    {
        var secret = await Tokens.MakeAsync("nightly", AccountRole.Member, "ada");
        await using var db = _app.Database();
        var row = await db.ApiTokens.SingleAsync();

        Assert.Equal(64, row.Hash.Length);
        Assert.DoesNotContain(secret[4..], row.Hash, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(("nightly", AccountRole.Member, "ada"), (row.Name, row.Role, row.CreatedBy));
    }

    [Fact]
    public async Task Token_Used_SaysWhen()
    {
        using var program = await Elsewhere.ProgramAsync(_app, AccountRole.Viewer);
        Assert.Null(Assert.Single(await Tokens.ListAsync()).LastUsedAt);
        await program.GetAsync("/api/runs");

        Assert.NotNull(Assert.Single(await Tokens.ListAsync()).LastUsedAt);
    }

    [Theory]
    [InlineData("")]
    [InlineData("nightly")]
    public async Task Token_WithoutANameOfItsOwn_IsRefused(string name)
    {
        await Tokens.MakeAsync("nightly", AccountRole.Viewer, "ada");

        await Assert.ThrowsAsync<AccountException>(() => Tokens.MakeAsync(name, AccountRole.Viewer, "ada"));
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();
}
