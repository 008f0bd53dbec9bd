using Dashboard.Dispatch.Files;
using Dashboard.Processes;
using Dashboard.Protocol;
using Dashboard.Runs;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Client;
using Training.Core.Runs;

namespace Dashboard.Dispatch.Trainers;

/// <summary>
/// The trainer's end of the hub: attaches, replays what the dashboard lacks, sends what comes, and begins again for ever when cut off.
/// Nothing that happens here can harm the training but two words of the dashboard: stop, and "this attempt is over".
/// </summary>
internal sealed class TrainerConnection(
    TrainerOptions options, string token, HubEventSink events, TrainerLog log, TimeProvider time) : IDisposable
{
    /// <summary>One message per interval holds all events since the last one.</summary>
    private static readonly TimeSpan SendInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    /// <summary>A dashboard that doesn't know this attempt seldom learns of it: only when its old data is put back.</summary>
    private static readonly TimeSpan LongestPauseRefused = TimeSpan.FromMinutes(1);

    /// <summary>A replay reads the journal in pieces of this many entries.</summary>
    private const int ReplayChunk = 5_000;

    /// <summary>
    /// Checkpoints and the like are looked for this often; predictions and the model go before the event that tells of them.
    /// </summary>
    private static readonly TimeSpan LookForFiles = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _stopRequested = new();
    private readonly CancellationTokenSource _pauseRequested = new();
    private RunFilesSender? _files;
    private long _acknowledged;

    /// <summary>Cancelled when the dashboard asks the training to stop, or says that its attempt is over.</summary>
    public CancellationToken StopRequested => _stopRequested.Token;

    /// <summary>Cancelled when the dashboard asks the training to pause.</summary>
    public CancellationToken PauseRequested => _pauseRequested.Token;

    /// <summary>Returns when everything up to <see cref="Ended"/> is stored, when the attempt is over, or when cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (options.SendsFiles) _files = new RunFilesSender(() => Server, token, options.Folder, options.RunId, options.Attempt);
        // Not the guard's loop: no part of the dashboard's process, and its own words go into the trainer's log.
        var (away, refused) = (new Backoff(FirstPause, LongestPause), new Backoff(FirstPause, LongestPauseRefused));
        string? told = null;
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await using var connection = Build();
                await connection.StartAsync(cancellationToken);
                if (!await AttachAsync(connection, cancellationToken)) return;
                told = null;
                away.Reset();
                refused.Reset();
                await SendAsync(connection, cancellationToken);
                return;
            }
            catch (Exception e) when (e is HubException or RefusedException or StaleAttemptException
                && e.Message.Contains(MachineProtocol.StaleAttempt, StringComparison.Ordinal))
            {
                var why = e.Message.Contains(MachineProtocol.ImpossibleMessage, StringComparison.Ordinal)
                    ? "can't take what this trainer reports" : "says that this attempt is over";
                if (!IsDelivered) await StopTrainingAsync($"The dashboard {why}; the training stops. {e.Message}");
                return;
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                // Whatever it is, training goes on and the journal keeps what is said meanwhile.
                var trouble = $"The dashboard at {Server} {(e is RefusedException ? "refuses this trainer" : "can't be reached")}, the "
                    + $"training goes on: {e.Message}";
                if (trouble != told) log.Write(trouble);
                told = trouble;
                try
                {
                    await (e is RefusedException ? refused : away).WaitAsync(time, cancellationToken);
                }
                catch (OperationCanceledException)
                {
                    return;
                }
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    public void Dispose()
    {
        _stopRequested.Dispose();
        _pauseRequested.Dispose();
        _files?.Dispose();
    }

    private bool IsDelivered => events.HasEnded && _acknowledged >= events.LastSequence;

    private Uri Server => ServerFile.Read(options.Folder) ?? options.Server;

    private HubConnection Build()
    {
        var connection = HubClient.To(Server, MachineProtocol.Path);
        connection.On(MachineProtocol.StopMessage, () => StopTrainingAsync("Somebody asked the run to stop."));
        connection.On(MachineProtocol.PauseMessage, _pauseRequested.CancelAsync);
        return connection;
    }

    /// <returns>false when there is nothing to send any more.</returns>
    private async Task<bool> AttachAsync(HubConnection connection, CancellationToken cancellationToken)
    {
        var reply = await connection.InvokeAsync<AttachReply>(nameof(ITrainerHub.Attach), options.RunId, options.Attempt, token,
            cancellationToken);
        if (reply.Refusal is { } refusal) throw new RefusedException(refusal);
        await connection.InvokeAsync(nameof(ITrainerHub.Clock), time.GetUtcNow(), cancellationToken);
        _acknowledged = reply.LastSequence;
        if (reply.Over)
        {
            if (!IsDelivered) await StopTrainingAsync("The run has ended in the dashboard; the training stops.");
            return false;
        }
        if (reply.StopRequested) await StopTrainingAsync("Somebody asked the run to stop.");
        if (reply.PauseRequested) await _pauseRequested.CancelAsync();
        return !IsDelivered;
    }

    private async Task SendAsync(HubConnection connection, CancellationToken cancellationToken)
    {
        using var closed = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        connection.Closed += OnClosed;
        try
        {
            if (connection.State != HubConnectionState.Connected) await closed.CancelAsync();
            var files = SendFilesAsync(closed.Token);
            try
            {
                await SendAsync(connection, new Queue<JournalEntry>(), closed.Token);
            }
            finally
            {
                await closed.CancelAsync();
                await files;
            }
        }
        finally
        {
            connection.Closed -= OnClosed;
        }

        Task OnClosed(Exception? _) => closed.CancelAsync();
    }

    private async Task SendAsync(HubConnection connection, Queue<JournalEntry> waiting, CancellationToken closed)
    {
        while (!IsDelivered)
        {
            await events.WaitAsync(_acknowledged, closed);
            // The answer may be lower than what was sent: what the dashboard lacks comes first.
            if (!waiting.TryPeek(out var next) || next.Sequence != _acknowledged + 1)
                waiting = new Queue<JournalEntry>(events.After(_acknowledged, ReplayChunk));
            var batch = JournalBatch.Take(waiting);
            var more = waiting.Count > 0;
            await SendFilesOfAsync(batch, closed);
            _acknowledged = await connection.InvokeAsync<long>(nameof(ITrainerHub.Report), batch, closed);
            // A replay goes at full speed; only what is live is gathered.
            if (!more && !IsDelivered) await Task.Delay(SendInterval, time, closed);
        }
    }

    /// <summary>
    /// What an event tells of has to be there before it; a checkpoint is larger, and no event waits for it but the last one.
    /// </summary>
    private async Task SendFilesOfAsync(IReadOnlyList<JournalEntry> batch, CancellationToken closed)
    {
        if (_files is null) return;
        foreach (var entry in batch)
        {
            if (entry.Event is EpochCompleted epoch) await _files.SendPredictionsAsync(epoch.Epoch, closed);
            else if (entry.Event is Ended ended) await _files.SendLastAsync(ended, closed);
        }
    }

    /// <summary>Beside the events; whatever goes wrong here shows where an event waits for its files.</summary>
    private async Task SendFilesAsync(CancellationToken closed)
    {
        var pause = LookForFiles;
        while (_files is not null)
        {
            try
            {
                await Task.Delay(pause, time, closed);
                var begin = time.GetTimestamp();
                if (!events.HasEnded) await _files.SendAsync(closed);
                // On a slow line half of the time is left to the events.
                var took = time.GetElapsedTime(begin);
                pause = took > LookForFiles ? took : LookForFiles;
            }
            catch (OperationCanceledException) when (closed.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                log.Write($"Files could not be sent to the dashboard yet: {e.Message}");
            }
        }
    }

    private async Task StopTrainingAsync(string why)
    {
        if (_stopRequested.IsCancellationRequested) return;
        log.Write(why);
        await _stopRequested.CancelAsync();
    }

    /// <summary>The dashboard doesn't take this trainer's reports.</summary>
    private sealed class RefusedException(string message) : Exception(message);
}
