using System.Collections.Concurrent;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;
using Microsoft.AspNetCore.SignalR.StackExchangeRedis;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Dashboard.Peers;

/// <summary>
/// SignalR's Redis backplane: what is said to a group reaches its connections to every dashboard. While Redis doesn't answer, connections
/// are still taken, and what is said reaches those to this dashboard.
/// </summary>
internal sealed class SharedHubLifetime<THub>(
    ILogger<RedisHubLifetimeManager<THub>> logger, IOptions<RedisOptions> redis, IHubProtocolResolver protocols, IOptions<HubOptions> all, IOptions<HubOptions<THub>> own)
    : RedisHubLifetimeManager<THub>(logger, redis, protocols, all, own) where THub : Hub
{
    private readonly ConcurrentDictionary<string, HubConnectionContext> _here = new();
    private readonly ConcurrentDictionary<string, ConcurrentDictionary<string, HubConnectionContext>> _groups = new();

    public override Task OnConnectedAsync(HubConnectionContext connection)
    {
        _here[connection.ConnectionId] = connection;
        return TryAsync(() => base.OnConnectedAsync(connection));
    }

    public override Task OnDisconnectedAsync(HubConnectionContext connection)
    {
        _here.TryRemove(connection.ConnectionId, out _);
        foreach (var (name, group) in _groups)
            if (group.TryRemove(connection.ConnectionId, out _) && group.IsEmpty) _groups.TryRemove(new(name, group));
        return TryAsync(() => base.OnDisconnectedAsync(connection));
    }

    /// <summary>The connection to Redis keeps what it was to listen to, and listens to it when it is back.</summary>
    public override Task AddToGroupAsync(string connectionId, string groupName, CancellationToken cancellationToken = default)
    {
        if (_here.TryGetValue(connectionId, out var connection)) _groups.GetOrAdd(groupName, _ => new())[connectionId] = connection;
        return TryAsync(() => base.AddToGroupAsync(connectionId, groupName, cancellationToken));
    }

    public override async Task SendGroupAsync(string groupName, string methodName, object?[] args, CancellationToken cancellationToken = default)
    {
        if (await TryAsync(() => base.SendGroupAsync(groupName, methodName, args, cancellationToken))) return;
        if (!_groups.TryGetValue(groupName, out var group)) return;
        foreach (var connection in group.Values) await connection.WriteAsync(new InvocationMessage(methodName, args), cancellationToken);
    }

    private static async Task<bool> TryAsync(Func<Task> work)
    {
        try
        {
            await work();
            return true;
        }
        catch (Exception e) when (e is RedisException or RedisTimeoutException or ObjectDisposedException)
        {
            return false;
        }
    }
}
