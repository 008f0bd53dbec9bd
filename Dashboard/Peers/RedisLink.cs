using System.Collections.Concurrent;
using Dashboard.Storage;
using Microsoft.Extensions.Options;
using Npgsql;
using StackExchange.Redis;

namespace Dashboard.Peers;

/// <summary>
/// The connection to Redis that dashboards speak over, and who was heard there when. Connects again by itself. Thread-safe.
/// </summary>
internal sealed class RedisLink(IOptions<DashboardOptions> options, TimeProvider time) : IAsyncDisposable
{
    /// <summary>A dashboard says something at least every <see cref="PeerRelay.Beat"/>.</summary>
    internal static readonly TimeSpan Silence = TimeSpan.FromSeconds(6);

    private readonly ConcurrentDictionary<string, DateTimeOffset> _heard = new();
    private readonly DateTimeOffset _begin = time.GetUtcNow();
    private readonly Lock _gate = new();
    private Task<IConnectionMultiplexer>? _connection;

    private bool IsUsed => options.Value.Redis.Length > 0;

    /// <summary>Since when this dashboard doesn't hear itself over Redis; null while it does, or where there is no Redis.</summary>
    public DateTimeOffset? SilentSince => IsUsed ? SilentSinceOf(options.Value.PeerName) : null;

    /// <summary>Raised when Redis can be reached again.</summary>
    public event Action? Restored;

    public Task<IConnectionMultiplexer> ConnectionAsync()
    {
        lock (_gate)
        {
            if (_connection is null or { IsFaulted: true }) _connection = ConnectAsync();
            return _connection;
        }
    }

    public void Heard(string dashboard) => _heard[dashboard] = time.GetUtcNow();

    /// <summary>Null: heard a moment ago.</summary>
    public DateTimeOffset? SilentSinceOf(string dashboard)
    {
        var last = _heard.GetValueOrDefault(dashboard, _begin);
        return time.GetUtcNow() - last > Silence ? last : null;
    }

    public async ValueTask DisposeAsync()
    {
        if (_connection is { IsFaulted: false } connection) await (await connection).DisposeAsync();
    }

    private async Task<IConnectionMultiplexer> ConnectAsync()
    {
        var redis = ConfigurationOptions.Parse(options.Value.Redis);
        // Away at the start is no other case than away later.
        redis.AbortOnConnectFail = false;
        redis.ConnectTimeout = 2000;
        redis.KeepAlive = 5;
        // Whoever waits for an answer that won't come keeps a page waiting.
        redis.BacklogPolicy = BacklogPolicy.FailFast;
        redis.ReconnectRetryPolicy = new LinearRetry(1000);
        // Others may speak over the same Redis.
        redis.ChannelPrefix =
            RedisChannel.Literal(
                $"{redis.ChannelPrefix}FineTuneDashboard:{new NpgsqlConnectionStringBuilder(options.Value.Postgres).Database}:");
        var connection = await ConnectionMultiplexer.ConnectAsync(redis);
        connection.ConnectionRestored += (_, _) => Restored?.Invoke();
        return connection;
    }
}
