using System.Collections.Concurrent;
using System.Security.Claims;
using Dashboard.Accounts;
using Dashboard.Visitors;
using Microsoft.AspNetCore.SignalR;

namespace Dashboard.Doors;

/// <summary>Ends open connections of a visitor whose account or token has changed; one who still may come in connects again.</summary>
internal sealed class RevokedConnections : IHubFilter, IDisposable
{
    private readonly ConcurrentDictionary<string, HubCallerContext> _open = new();
    private readonly IDisposable _subscription;

    private readonly AccountStore _accounts;
    private readonly ApiTokens _tokens;

    public RevokedConnections(VisitorFeed feed, AccountStore accounts, ApiTokens tokens)
    {
        (_accounts, _tokens) = (accounts, tokens);
        _subscription = feed.Subscribe(End);
    }

    public async Task OnConnectedAsync(HubLifetimeContext context, Func<HubLifetimeContext, Task> next)
    {
        _open[context.Context.ConnectionId] = context.Context;
        // A change between the request's check and now was told to nobody.
        if (await IsGoneAsync(context.Context.User)) context.Context.Abort();
        else await next(context);
    }

    public Task OnDisconnectedAsync(HubLifetimeContext context, Exception? exception, Func<HubLifetimeContext, Exception?, Task> next)
    {
        _open.TryRemove(context.Context.ConnectionId, out _);
        return next(context, exception);
    }

    public void Dispose() => _subscription.Dispose();

    private async Task<bool> IsGoneAsync(ClaimsPrincipal? user) => Visitor.Of(user) switch
    {
        { AccountId: { } id } => await SignIn.RefreshAsync(user!, id, _accounts) is null,
        { TokenId: { } id } => !await _tokens.HasAsync(id),
        _ => false,
    };

    private void End(string key)
    {
        foreach (var connection in _open.Values.Where(connection => Visitor.Of(connection.User)?.Key == key)) connection.Abort();
    }
}
