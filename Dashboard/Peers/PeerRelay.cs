using Dashboard.Processes;
using Dashboard.Storage;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Dashboard.Peers;

/// <summary>
/// Tells the other dashboards what changes here and hears them, over Redis. While Redis doesn't answer, or another dashboard isn't heard
/// there, everything counts as changed every few seconds: pages are slower then, not wrong.
/// </summary>
internal sealed partial class PeerRelay(
    RedisLink redis, ChangeNotes notes, ContactSync contacts, Guard guard, IOptions<DashboardOptions> options, TimeProvider time,
    ILogger<PeerRelay> logger)
    : GuardedService("Talking with other dashboards", guard)
{
    internal static readonly TimeSpan Beat = TimeSpan.FromSeconds(2);

    /// <summary>However much changes, others are told ten times a second.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private static readonly RedisChannel Channel = RedisChannel.Literal("changes");

    private string Self => options.Value.PeerName;

    private bool _wasSilent;

    protected override Task WorkAsync(CancellationToken cancellationToken) => options.Value.IsOneOfSeveral
        ? Task.WhenAll(Guard.UntilItWorksAsync(Part, TellAsync, cancellationToken),
            Guard.EveryAsync("Listening to other dashboards", Beat, LookAsync, cancellationToken))
        : Task.CompletedTask;

    private Task LookAsync(CancellationToken cancellationToken)
    {
        var isSilent = redis.SilentSince is not null
            || contacts.Peers.Any(peer => peer.IsAlive && redis.SilentSinceOf(peer.Name) is not null);
        if (isSilent != _wasSilent && isSilent) LogSilent();
        if (isSilent != _wasSilent && !isSilent) LogBack();
        // Once more when it is back: what was said in between is lost.
        if (isSilent || _wasSilent) notes.TellAnything();
        _wasSilent = isSilent;
        return Task.CompletedTask;
    }

    private async Task TellAsync(CancellationToken cancellationToken)
    {
        var listens = false;
        while (true)
        {
            try
            {
                var bus = (await redis.ConnectionAsync()).GetSubscriber();
                if (!listens)
                {
                    listens = await ListenAsync(bus);
                    // What others said before is lost.
                    notes.TellAnything();
                }
                await notes.WaitAsync(Beat, cancellationToken);
                await PublishAsync(bus, notes.Take(Self));
                Guard.Works(Part);
            }
            catch (Exception e) when (e is RedisException or RedisTimeoutException or ObjectDisposedException)
            {
                // Not the guard's failure: that Redis is away is said once, by LookAsync and in the health.
                LogNotTold(e.Message);
            }
            await Task.Delay(Interval, time, cancellationToken);
        }
    }

    private async Task PublishAsync(ISubscriber bus, PeerNews news)
    {
        try
        {
            await bus.PublishAsync(Channel, news.ToBytes());
        }
        catch
        {
            notes.NoteAgain(news);
            throw;
        }
    }

    /// <returns>Always true: the connection keeps what it listens to, and listens again after it was away.</returns>
    private async Task<bool> ListenAsync(ISubscriber bus)
    {
        try
        {
            await bus.SubscribeAsync(Channel, Hear);
        }
        catch (RedisException e)
        {
            LogNotTold(e.Message);
        }
        return true;
    }

    private void Hear(RedisChannel channel, RedisValue bytes)
    {
        try
        {
            if (PeerNews.Parse(bytes) is not { } news) return;
            redis.Heard(news.From);
            if (news.From != Self) notes.Tell(news);
        }
        catch (Exception e)
        {
            LogNotHeard(e);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Redis doesn't answer, or not all dashboards are heard there: pages look every 2 seconds meanwhile")]
    private partial void LogSilent();

    [LoggerMessage(LogLevel.Information, "All dashboards are heard over Redis again")]
    private partial void LogBack();

    [LoggerMessage(LogLevel.Debug, "Other dashboards could not be told: {Reason}")]
    private partial void LogNotTold(string reason);

    [LoggerMessage(LogLevel.Error, "What another dashboard said could not be passed on")]
    private partial void LogNotHeard(Exception exception);
}
