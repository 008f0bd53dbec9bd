using System.Collections.Concurrent;
using Dashboard.Processes;
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
internal sealed class SharedHubLifetime<THub> : RedisHubLifetimeManager<THub>, IDisposable where THub : Hub
{
    private readonly RedisLink _link;
    private readonly Guard _guard;
    private readonly ConcurrentDictionary<string, HubConnectionContext> _here = new();
    private readonly ConcurrentDictionary<string, ConcurrentDictionary<string, HubConnectionContext>> _groups = new();

    /// <summary>Groups that were joined while Redis was away.</summary>
    private readonly ConcurrentDictionary<string, byte> _unheard = new();

    public SharedHubLifetime(
        RedisLink link, Guard guard, ILogger<RedisHubLifetimeManager<THub>> logger, IOptions<RedisOptions> redis,
        IHubProtocolResolver protocols, IOptions<HubOptions> all,
        IOptions<HubOptions<THub>> own) : base(logger, redis, protocols, all, own)
    {
        (_link, _guard) = (link, guard);
        _link.Restored += JoinAgain;
    }

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

    public override async Task AddToGroupAsync(string connectionId, string groupName, CancellationToken cancellationToken = default)
    {
        if (_here.TryGetValue(connectionId, out var connection)) _groups.GetOrAdd(groupName, _ => new())[connectionId] = connection;
        if (!await TryAsync(() => base.AddToGroupAsync(connectionId, groupName, cancellationToken))) _unheard[groupName] = 0;
    }

    public override async Task SendGroupAsync(
        string groupName, string methodName, object?[] args, CancellationToken cancellationToken = default)
    {
        if (await TryAsync(() => base.SendGroupAsync(groupName, methodName, args, cancellationToken))) return;
        if (!_groups.TryGetValue(groupName, out var group)) return;
        foreach (var connection in group.Values) await connection.WriteAsync(new InvocationMessage(methodName, args), cancellationToken);
    }

    void IDisposable.Dispose()
    {
        _link.Restored -= JoinAgain;
        base.Dispose();
    }

    private void JoinAgain()
    {
        foreach (var name in _unheard.Keys)
            if (_unheard.TryRemove(name, out _)) _guard.Run("Joining groups again over Redis", () => JoinAgainAsync(name));
    }

    /// <summary>The backplane listens for a group when its first connection joins, and only then: so all leave first.</summary>
    private async Task JoinAgainAsync(string name)
    {
        var members = _groups.TryGetValue(name, out var group) ? group.Keys.ToList() : [];
        foreach (var member in members) await TryAsync(() => base.RemoveFromGroupAsync(member, name));
        foreach (var member in members) await AddToGroupAsync(member, name);
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
