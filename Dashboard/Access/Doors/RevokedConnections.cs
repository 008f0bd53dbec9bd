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

    private readonly ConcurrentDictionary<string, OpenConnection> _open = new();
    private readonly VisitorFeed _feed;
    private readonly SessionStore _sessions;
    private readonly ApiTokens _tokens;

    public RevokedConnections(VisitorFeed feed, SessionStore sessions, ApiTokens tokens, Guard guard)
        : base("Ending connections of who may not look any more", guard)
        => (_feed, _sessions, _tokens) = (feed, sessions, tokens);

    public async Task OnConnectedAsync(HubLifetimeContext context, Func<HubLifetimeContext, Task> next)
    {
        var connection = context.Context;
        _open[connection.ConnectionId] = new OpenConnection(connection, Subscribe(connection));
        try
        {
            // A change between the request's check and now was told to nobody.
            if (await IsGoneAsync(connection.User)) connection.Abort();
            else await next(context);
        }
        catch
        {
            // SignalR says of one that could not begin nothing more.
            Forget(connection);
            throw;
        }
    }

    public Task OnDisconnectedAsync(HubLifetimeContext context, Exception? exception, Func<HubLifetimeContext, Exception?, Task> next)
    {
        Forget(context.Context);
        return next(context, exception);
    }

    public override void Dispose()
    {
        foreach (var connection in _open.Values) connection.Subscription?.Dispose();
        base.Dispose();
    }

    protected override Task WorkAsync(CancellationToken cancellationToken) =>
        Guard.EveryAsync(Part, LookAgain, _ => LookAsync(), cancellationToken);

    private async Task LookAsync()
    {
        foreach (var (connection, _) in _open.Values)
            if (await IsGoneAsync(connection.User)) connection.Abort();
    }

    private async Task<bool> IsGoneAsync(ClaimsPrincipal? user) => Visitor.Of(user) switch
    {
        { IsAccount: true } => await SignIn.RefreshAsync(user!, _sessions) is null,
        { TokenId: { } id } => !await _tokens.HasAsync(id),
        _ => false,
    };

    /// <summary>One for each connection: it ends without delay, however many others are ended at the time.</summary>
    private IDisposable? Subscribe(HubCallerContext connection) => Visitor.Of(connection.User)?.Key is not { } own ? null
        : _feed.Subscribe(key => key == own, () =>
        {
            connection.Abort();
            return Task.CompletedTask;
        });

    private void Forget(HubCallerContext connection)
    {
        if (_open.TryRemove(connection.ConnectionId, out var open)) open.Subscription?.Dispose();
    }

    private sealed record OpenConnection(HubCallerContext Connection, IDisposable? Subscription);
}
