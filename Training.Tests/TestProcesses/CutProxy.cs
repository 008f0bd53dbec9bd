using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace Training.Tests.TestProcesses;

/// <summary>A TCP connection between two processes that a test can cut, delay, or let fall silent without a word.</summary>
internal sealed class CutProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly ConcurrentDictionary<TcpClient, byte> _open = new();
    private readonly Task _accepting;
    private volatile bool _cut;

    public CutProxy(Uri target)
    {
        Target = target;
        _listener.Start();
        Url = new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/");
        _accepting = AcceptAsync();
    }

    public Uri Url { get; }

    /// <summary>May change while it runs: where new connections lead.</summary>
    public Uri Target { get; set; }

    /// <summary>Where new connections lead while nobody listens at <see cref="Target"/>.</summary>
    public Uri? Otherwise { get; set; }

    /// <summary>Every piece waits so long on its way.</summary>
    public TimeSpan Delay { get; set; }

    /// <summary>In each direction and connection; 0: as many as come.</summary>
    public int BytesPerSecond { get; set; }

    /// <summary>As from a hotel: 150 ms there and back, 200 kB a second.</summary>
    public static CutProxy Slow(Uri target) => new(target) { Delay = TimeSpan.FromMilliseconds(75), BytesPerSecond = 200_000 };

    /// <summary>While it is set, nothing gets through and nobody is told: as when a cable is pulled.</summary>
    public bool Silent { get; set; }

    /// <summary>Ends all connections and takes no new ones until <see cref="Mend"/>.</summary>
    public void Cut()
    {
        _cut = true;
        foreach (var client in _open.Keys) client.Dispose();
    }

    public void Mend() => _cut = false;

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        Cut();
        await _accepting;
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_end.Token);
                if (_cut) client.Dispose();
                else _ = PassAsync(client);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
        }
    }

    private async Task PassAsync(TcpClient client)
    {
        using var server = new TcpClient();
        _open.TryAdd(client, 0);
        _open.TryAdd(server, 0);
        try
        {
            await ConnectAsync(server);
            await Task.WhenAny(CopyAsync(client.GetStream(), server.GetStream()), CopyAsync(server.GetStream(), client.GetStream()));
        }
        catch (Exception e) when (
            e is IOException or SocketException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
        }
        finally
        {
            _open.TryRemove(client, out _);
            _open.TryRemove(server, out _);
            client.Dispose();
        }
    }

    private async Task ConnectAsync(TcpClient server)
    {
        try
        {
            await server.ConnectAsync(Target.Host, Target.Port, _end.Token);
        }
        catch (SocketException) when (Otherwise is { } otherwise)
        {
            await server.ConnectAsync(otherwise.Host, otherwise.Port, _end.Token);
        }
    }

    /// <summary>Reading goes on while pieces are on their way, so that a delay is one of each piece and not of all before it too.</summary>
    private async Task CopyAsync(NetworkStream from, NetworkStream to)
    {
        var underWay = Channel.CreateUnbounded<(long Due, byte[] Piece)>();
        var arriving = ArriveAsync(underWay.Reader, to);
        var buffer = new byte[1 << 14];
        var due = TimeProvider.System.GetTimestamp();
        try
        {
            while (await from.ReadAsync(buffer, _end.Token) is var count and > 0)
            {
                var now = TimeProvider.System.GetTimestamp();
                var taken = BytesPerSecond > 0 ? (long)((double)count / BytesPerSecond * TimeProvider.System.TimestampFrequency) : 0;
                due = Math.Max(due, now) + taken;
                var delayed = due + (long)(Delay.TotalSeconds * TimeProvider.System.TimestampFrequency);
                await underWay.Writer.WriteAsync((delayed, buffer[..count]), _end.Token);
            }
        }
        finally
        {
            underWay.Writer.TryComplete();
        }
        await arriving;
    }

    private async Task ArriveAsync(ChannelReader<(long Due, byte[] Piece)> underWay, NetworkStream to)
    {
        await foreach (var (due, piece) in underWay.ReadAllAsync(_end.Token))
        {
            var wait = TimeProvider.System.GetElapsedTime(TimeProvider.System.GetTimestamp(), due);
            if (wait > TimeSpan.Zero) await Task.Delay(wait, _end.Token);
            while (Silent) await Task.Delay(50, _end.Token);
            await to.WriteAsync(piece, _end.Token);
        }
    }
}
