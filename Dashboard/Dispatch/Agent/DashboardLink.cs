using Dashboard.Dispatch.Words;
using Dashboard.Machines.Devices;
using Dashboard.Processes;
using Dashboard.Protocol;
using Microsoft.AspNetCore.SignalR.Client;

namespace Dashboard.Dispatch.Agent;

/// <summary>
/// The one connection of this machine to its dashboard: joins, and begins again for ever when cut off. Whoever asks something while it is
/// cut off waits.
/// </summary>
internal sealed partial class DashboardLink(
    AgentOptions options, LocalMachine machine, MachineSampler sampler, Guard guard, IHostApplicationLifetime lifetime, TimeProvider time,
    ILogger<DashboardLink> logger) : GuardedService("The connection to the dashboard", guard)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    /// <summary>A dashboard that refuses is being updated, or will refuse for long.</summary>
    private static readonly TimeSpan RefusedPause = TimeSpan.FromSeconds(20);

    private readonly ChangeFeed _feed = new("the dashboard", time, logger);
    private readonly Presence<HubConnection> _joined = new();
    private string? _told;

    /// <summary>Why this machine may not join at all; null while that isn't known.</summary>
    public string? Refusal { get; private set; }

    /// <summary>Asks the dashboard, after it can be reached.</summary>
    /// <exception cref="Microsoft.AspNetCore.SignalR.HubException">The dashboard refuses.</exception>
    public async Task<T> AskAsync<T>(string method, object?[] arguments, CancellationToken cancellationToken)
    {
        while (true)
        {
            var connection = await _joined.WaitAsync(cancellationToken);
            try
            {
                return await connection.InvokeCoreAsync<T>(method, arguments, cancellationToken);
            }
            catch (Exception e) when (e is not Microsoft.AspNetCore.SignalR.HubException && !cancellationToken.IsCancellationRequested
                && connection.State != HubConnectionState.Connected)
            {
                // Cut off in the middle: whether it was heard isn't known, so only what may be asked twice is asked here.
                await Task.Delay(FirstPause, time, cancellationToken);
            }
        }
    }

    /// <summary>Asks once, now.</summary>
    /// <exception cref="LinkException">The dashboard can't be reached; whether it was heard isn't known.</exception>
    public async Task<T> AskOnceAsync<T>(string method, object?[] arguments, CancellationToken cancellationToken)
    {
        var connection = await _joined.WaitAsync(cancellationToken);
        try
        {
            return await connection.InvokeCoreAsync<T>(method, arguments, cancellationToken);
        }
        catch (InvalidOperationException e) when (connection.State != HubConnectionState.Connected)
        {
            throw new LinkException(TransferWords.NotReached(e.Message), e);
        }
    }

    /// <param name="changed">Called when there may be something to take, and after each join.</param>
    public IDisposable OnChange(Func<Task> changed) => _feed.Subscribe(changed);

    protected override async Task WorkAsync(CancellationToken stoppingToken)
    {
        // Not the guard's loop: a dashboard that is away is no failure of this machine, and what it says decides on the next pause.
        var (away, refused) = (new Backoff(FirstPause, LongestPause), new Backoff(RefusedPause, RefusedPause));
        while (!stoppingToken.IsCancellationRequested)
        {
            var pause = away;
            try
            {
                await Guard.TryAsync(NvidiaSmi.Part, machine.FindDevicesAsync, stoppingToken);
                await using var connection = Build();
                await connection.StartAsync(stoppingToken);
                var hasJoined = await JoinAsync(connection, stoppingToken);
                away.Reset();
                if (hasJoined) await StayAsync(connection, stoppingToken);
                else pause = refused;
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                Tell($"The dashboard at {options.Server} can't be reached; runs go on, and this machine tries again: {e.Message}");
            }
            catch (OperationCanceledException)
            {
                return;
            }
            if (lifetime.ApplicationStopping.IsCancellationRequested) return;
            try
            {
                await pause.WaitAsync(time, stoppingToken);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private HubConnection Build()
    {
        var connection = HubClient.To(options.Server, MachineProtocol.Path);
        connection.On(MachineProtocol.LookMessage, () => _feed.Tell());
        return connection;
    }

    /// <returns>false when the dashboard refuses.</returns>
    private async Task<bool> JoinAsync(HubConnection connection, CancellationToken cancellationToken)
    {
        var known = options.Key is not null;
        var reply = await connection.InvokeAsync<JoinReply>(
            nameof(IMachineHub.Join), machine.Name, options.Secret, ProgramVersion.Text, MachineProtocol.Version, cancellationToken);
        if (reply.Refusal is { } refusal)
        {
            Tell($"The dashboard at {options.Server} refuses this machine: {refusal}");
            if (known) return false;
            Refusal = refusal;
            lifetime.StopApplication();
            return false;
        }
        if (reply.Key is { } key) options.SaveKey(key);
        await connection.InvokeAsync(nameof(ITrainerHub.Clock), time.GetUtcNow(), cancellationToken);
        if (_told is not null || reply.Key is not null) LogJoined(options.Server, reply.Name!);
        _told = null;
        return true;
    }

    /// <summary>Reports this machine every 2 seconds until the connection ends.</summary>
    private async Task StayAsync(HubConnection connection, CancellationToken cancellationToken)
    {
        using var closed = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        connection.Closed += OnClosed;
        try
        {
            if (connection.State != HubConnectionState.Connected) return;
            _joined.Came(connection);
            _feed.Tell();
            while (true)
            {
                await connection.InvokeAsync(nameof(IMachineHub.ReportMachine), await sampler.SampleAsync(closed.Token), closed.Token);
                await Task.Delay(MachineReporter.Interval, time, closed.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new IOException(TransferWords.ConnectionClosed);
        }
        finally
        {
            connection.Closed -= OnClosed;
            _joined.Went();
        }

        Task OnClosed(Exception? _) => closed.CancelAsync();
    }

    private void Tell(string trouble)
    {
        if (trouble != _told) LogTrouble(trouble);
        _told = trouble;
    }

    [LoggerMessage(LogLevel.Information, "Joined {Server} as {Name}: it takes runs from there")]
    private partial void LogJoined(Uri server, string name);

    [LoggerMessage(LogLevel.Warning, "{Trouble}")]
    private partial void LogTrouble(string trouble);
}

/// <summary>The connection to the dashboard is away; it comes back by itself.</summary>
internal sealed class LinkException(string message, Exception inner) : RefusalException(message, inner);
