using System.Collections.Concurrent;
using System.Security.Claims;
using Dashboard.Access.Accounts;
using Dashboard.Access.Visitors;
using Dashboard.Processes;
using Microsoft.AspNetCore.SignalR;

namespace Dashboard.Access.Doors;

/// <summary>
/// Ends open connections of a visitor whose account, session or token has changed; one who still may come in connects again.
/// </summary>
internal sealed class RevokedConnections : GuardedService, IHubFilter
{
    /// <summary>So often all are looked at: a change at another dashboard may have been told to nobody here.</summary>
    internal static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<string, HubCallerContext> _open = new();
    private readonly IDisposable _subscription;

    private readonly SessionStore _sessions;
    private readonly ApiTokens _tokens;

    public RevokedConnections(VisitorFeed feed, SessionStore sessions, ApiTokens tokens, Guard guard)
        : base("Ending connections of who may not look any more", guard)
    {
        (_sessions, _tokens) = (sessions, tokens);
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

    public override void Dispose()
    {
        _subscription.Dispose();
        base.Dispose();
    }

    protected override Task WorkAsync(CancellationToken cancellationToken) =>
        Guard.EveryAsync(Part, LookAgain, _ => LookAsync(), cancellationToken);

    private async Task LookAsync()
    {
        foreach (var connection in _open.Values)
            if (await IsGoneAsync(connection.User)) connection.Abort();
    }

    private async Task<bool> IsGoneAsync(ClaimsPrincipal? user) => Visitor.Of(user) switch
    {
        { IsAccount: true } => await SignIn.RefreshAsync(user!, _sessions) is null,
        { TokenId: { } id } => !await _tokens.HasAsync(id),
        _ => false,
    };

    private void End(string key)
    {
        foreach (var connection in _open.Values.Where(connection => Visitor.Of(connection.User)?.Key == key)) connection.Abort();
    }
}
