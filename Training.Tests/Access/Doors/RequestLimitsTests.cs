using System.Net;
using Dashboard.Access.Doors;
using Dashboard.Protocol;
using Dashboard.Storage;
using Training.Tests.TestKit;

namespace Training.Tests.Access.Doors;

public sealed class RequestLimitsTests : IAsyncDisposable
{
    private readonly DashboardApp _app = Elsewhere.App();

    [Fact]
    public async Task SignIns_TooManyFromOneAddress_AreRefusedForAWhile()
    {
        await Elsewhere.AccountAsync(_app, AccountRole.Viewer);
        using var client = Elsewhere.ClientOf(_app);
        for (var i = 0; i < RequestLimits.SignInsAMinute; i++)
            Assert.Equal(HttpStatusCode.Unauthorized, (await Elsewhere.SignInAsync(client, $"name {i}")).StatusCode);

        var refused = await Elsewhere.SignInAsync(client);

        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60);
        using var other = Elsewhere.ClientOf(_app, "192.0.2.8");
        Assert.Equal(HttpStatusCode.Redirect, (await Elsewhere.SignInAsync(other)).StatusCode);
    }

    [Fact]
    public async Task Stranger_WhoKnocksTooOften_IsRefused_OthersAreNot()
    {
        using var stranger = Elsewhere.ClientOf(_app);
        using var program = await Elsewhere.ProgramAsync(_app, AccountRole.Viewer);
        for (var i = 0; i < RequestLimits.StrangersRequestsAMinute; i++)
            Assert.Equal(HttpStatusCode.Unauthorized, (await stranger.GetAsync("/api/runs")).StatusCode);

        Assert.Equal(HttpStatusCode.TooManyRequests, (await stranger.GetAsync("/api/runs")).StatusCode);
        // From the same address.
        Assert.Equal(HttpStatusCode.OK, (await program.GetAsync("/api/runs")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await stranger.GetAsync("/assets/css/app.css")).StatusCode);
        Assert.Equal(HttpStatusCode.OK,
            (await stranger.PostAsync(MachineProtocol.Path + "/negotiate?negotiateVersion=1", null)).StatusCode);
    }

    [Fact]
    public async Task Stranger_WithAWholeNetworkOfAddresses_CountsAsOne()
    {
        for (var i = 0; i < RequestLimits.StrangersRequestsAMinute; i++)
        {
            using var client = Elsewhere.ClientOf(_app, $"2001:db8::{i + 1:x}");
            Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync("/api/runs")).StatusCode);
        }
        using var last = Elsewhere.ClientOf(_app, "2001:db8::ffff");

        Assert.Equal(HttpStatusCode.TooManyRequests, (await last.GetAsync("/api/runs")).StatusCode);
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();
}
