using System.Collections.Concurrent;
using Dashboard.Accounts;
using Microsoft.AspNetCore.SignalR;

namespace Dashboard.Doors;

/// <summary>Ends open connections of a visitor whose account or token has changed; one who still may come in connects again.</summary>
internal sealed class RevokedConnections : IHubFilter, IDisposable
{
    private readonly ConcurrentDictionary<string, HubCallerContext> _open = new();
    private readonly IDisposable _subscription;

    public RevokedConnections(VisitorFeed feed) => _subscription = feed.Subscribe(End);

    public Task OnConnectedAsync(HubLifetimeContext context, Func<HubLifetimeContext, Task> next)
    {
        _open[context.Context.ConnectionId] = context.Context;
        return next(context);
    }

    public Task OnDisconnectedAsync(HubLifetimeContext context, Exception? exception, Func<HubLifetimeContext, Exception?, Task> next)
    {
        _open.TryRemove(context.Context.ConnectionId, out _);
        return next(context, exception);
    }

    public void Dispose() => _subscription.Dispose();

    private void End(string key)
    {
        foreach (var connection in _open.Values.Where(connection => Visitor.Of(connection.User)?.Key == key)) connection.Abort();
    }
}
