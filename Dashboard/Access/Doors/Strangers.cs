using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Connections;

namespace Dashboard.Access.Doors;

/// <summary>
/// Connections of the machines' hub that haven't said who they are yet. There is room for some of one address and some in all; who comes
/// when it is full takes the place of the one that has said nothing for longest, so that nobody is kept out by those who only sit there.
/// Thread-safe.
/// </summary>
internal sealed partial class Strangers(RefusalLog refusals, TimeProvider time, ILogger<Strangers> logger)
{
    public const int MostInAll = 512, MostOfOneAddress = 128;

    /// <summary>Before it is known who sent it: a join or an attach is far below.</summary>
    public const int MostBytes = 16 << 10;

    /// <summary>
    /// Refused calls of one connection, and of one address within a minute; a machine or a trainer makes one, then it begins anew.
    /// </summary>
    public const int MostRefusals = 20, MostRefusalsOfOneAddress = 300;

    /// <summary>Within this a connection has said who it is.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();

    /// <summary>Oldest first.</summary>
    private readonly LinkedList<Stranger> _strangers = [];
    private readonly Dictionary<string, int> _refusals = [];
    private DateTimeOffset _since;

    /// <summary>Of connections that are not recognised.</summary>
    public int Count
    {
        get
        {
            lock (_lock) return _strangers.Count;
        }
    }

    /// <summary>Around the whole life of a connection.</summary>
    public async Task WithAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        var address = RequestLimits.Client(connection.GetHttpContext()?.Connection.RemoteIpAddress);
        var stranger = new Stranger(this, connection, address);
        Admit(stranger);
        await using var patience = time.CreateTimer(_ => stranger.TimeIsUp(), null, Patience, Timeout.InfiniteTimeSpan);
        connection.Features.Set(stranger);
        connection.Transport = new StrangersPipe(connection.Transport, stranger);
        try
        {
            await next(connection);
        }
        finally
        {
            Forget(stranger);
        }
    }

    internal void Forget(Stranger stranger)
    {
        lock (_lock) _strangers.Remove(stranger);
    }

    /// <returns>Whether this address was refused too often within a minute.</returns>
    internal bool CountRefusal(string address)
    {
        lock (_lock)
        {
            var now = time.GetUtcNow();
            if (now - _since >= Minute)
            {
                _since = now;
                _refusals.Clear();
            }
            return (_refusals[address] = _refusals.GetValueOrDefault(address) + 1) > MostRefusalsOfOneAddress;
        }
    }

    internal void NoteClosed(string address, string why)
    {
        if (refusals.IsNew($"{address} {why}")) LogClosed(address, why);
    }

    private void Admit(Stranger stranger)
    {
        List<Stranger> crowded = [];
        lock (_lock)
        {
            _strangers.AddLast(stranger);
            if (_strangers.Count(each => each.From == stranger.From) > MostOfOneAddress)
                Take(_strangers.First(each => each.From == stranger.From));
            if (_strangers.Count > MostInAll) Take(_strangers.First!.Value);
        }
        foreach (var each in crowded) each.Close("made room for others: too many were open at once that hadn't said who they are");

        void Take(Stranger oldest)
        {
            _strangers.Remove(oldest);
            crowded.Add(oldest);
        }
    }

    [LoggerMessage(LogLevel.Warning, "A connection from {Address} to the machines' hub {Why}; it is not told of again")]
    private partial void LogClosed(string address, string why);
}

/// <summary>One connection until it has said who it is.</summary>
/// <param name="from">Its address, or its network's.</param>
internal sealed class Stranger(Strangers strangers, ConnectionContext connection, string from)
{
    private int _refusals;
    private volatile bool _isKnown, _isClosed;

    public string From => from;

    /// <summary>The connection is being closed: what arrived before is not looked at any more.</summary>
    public bool IsClosed => _isClosed;

    /// <summary>The connection has said who it is, with the secret for it.</summary>
    public bool IsKnown => _isKnown;

    public void Recognise()
    {
        _isKnown = true;
        strangers.Forget(this);
    }

    /// <summary>
    /// A call of it was refused; after some that is enough. Of one that is known every refusal is an answer to a machine or a trainer.
    /// </summary>
    public void Refused()
    {
        if (_isKnown) return;
        if (strangers.CountRefusal(from)) Close("was closed: too many calls from there were refused within a minute");
        else if (++_refusals > Strangers.MostRefusals) Close("was closed: too many of its calls were refused");
    }

    public void TimeIsUp()
    {
        if (!_isKnown) Close("was closed: it hadn't said who it is for 15 seconds");
    }

    public void Close(string why)
    {
        _isClosed = true;
        strangers.NoteClosed(from, why);
        connection.Abort();
    }
}
