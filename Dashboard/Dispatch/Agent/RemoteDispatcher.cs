using Dashboard.Dispatch.Files;
using Dashboard.Dispatch.Hubs;
using Dashboard.Dispatch.Words;
using Dashboard.Processes;
using Dashboard.Protocol;
using Dashboard.Runs;
using Dashboard.Storage;
using Dashboard.Storage.Files;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.Options;
using Training.Core.Runs;

namespace Dashboard.Dispatch.Agent;

/// <summary>The runs that a dashboard far away gives to this machine.</summary>
internal sealed class RemoteDispatcher(
    DashboardLink link, AgentOptions agent, RunFetch fetch, IOptions<DashboardOptions> options, TimeProvider time) : IDispatcher
{
    private readonly StopRequests _stops = new(time);

    public Uri Server => agent.Server;

    public bool SendsFiles => true;

    public IDisposable OnChange(Func<Task> changed) => link.OnChange(changed);

    public async Task<IReadOnlyList<Assignment>> LiveAsync(CancellationToken cancellationToken)
    {
        var live = await link.AskAsync<IReadOnlyList<Assignment>>(nameof(IMachineHub.Live), [], cancellationToken);
        foreach (var assignment in live.Where(assignment => assignment.StopRequested)) NoteStop(assignment.RunId, assignment.Attempt);
        await fetch.KeepAsync(live, cancellationToken);
        return live;
    }

    /// <remarks>An answer that gets lost leaves an attempt without a trainer: <see cref="LiveAsync"/> shows it.</remarks>
    public Task<Assignment?> TakeAsync(string device, CancellationToken cancellationToken) =>
        link.AskOnceAsync<Assignment?>(nameof(IMachineHub.Take), [device], cancellationToken);

    public async Task FetchAsync(Assignment assignment, CancellationToken cancellationToken)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            await fetch.FetchAsync(assignment, async (words, fraction) =>
            {
                if (await StandingAsync(assignment.RunId, assignment.Attempt, over.Token) is { IsOpen: true, StopRequested: false })
                    await link.AskAsync<bool>(nameof(IMachineHub.Phase), [assignment.RunId, assignment.Attempt, words, fraction],
                        over.Token);
                else await over.CancelAsync();
            }, over.Token);
        }
        catch (StaleAttemptException e)
        {
            throw new FetchException(e.Message, e);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new FetchException(AttemptWords.StoppedBeforeTraining);
        }
    }

    public Task LaunchedAsync(Assignment assignment, ProcessIdentity process, CancellationToken cancellationToken) => link.AskAsync<bool>(
        nameof(IMachineHub.Launched), [assignment with { Token = null, ProcessId = process.Id, ProcessStart = process.Start }],
        cancellationToken);

    public async Task<Standing?> StandingAsync(int runId, int attempt, CancellationToken cancellationToken)
    {
        Standing? standing;
        try
        {
            standing = await link.AskAsync<Standing?>(nameof(IMachineHub.Stand), [runId, attempt], cancellationToken);
        }
        catch (HubException e) when (IsRemoved(e))
        {
            return null;
        }
        if (standing is { StopRequested: true }) NoteStop(runId, attempt);
        return standing;
    }

    public async Task<long> ApplyAsync(int runId, int attempt, IReadOnlyList<JournalEntry> entries, CancellationToken cancellationToken)
    {
        try
        {
            return await link.AskAsync<long>(nameof(IMachineHub.Replay),
                [runId, attempt, JournalBatch.Take(new Queue<JournalEntry>(entries))], cancellationToken);
        }
        catch (HubException e) when (e.Message.Contains(MachineProtocol.StaleAttempt, StringComparison.Ordinal))
        {
            throw new StaleAttemptException(e.Message);
        }
        catch (HubException e) when (e.Message.Contains(MachineProtocol.ImpossibleMessage, StringComparison.Ordinal))
        {
            throw new ImpossibleReportException(e.Message);
        }
    }

    public async Task DeliverAsync(int runId, int attempt, CancellationToken cancellationToken)
    {
        using var files = new RunFilesSender(() => agent.Server, agent.Secret, options.Value.RunFolder(runId), runId, attempt);
        try
        {
            await files.SendAsync(cancellationToken);
        }
        catch (StaleAttemptException)
        {
            // Somebody else has the run: what is here is of no use any more.
        }
    }

    public async Task EndAsync(int runId, int attempt, AttemptEnd end, CancellationToken cancellationToken)
    {
        try
        {
            await link.AskAsync<bool>(nameof(IMachineHub.End), [runId, attempt, end], cancellationToken);
        }
        catch (HubException e) when (IsRemoved(e))
        {
            // The dashboard gave its runs to others when it was removed.
        }
    }

    public TimeSpan? StopAskedFor(int runId, int attempt) => _stops.Waited(new AttemptId(runId, attempt));

    public void Forget(int runId, int attempt)
    {
        _stops.Forget(new AttemptId(runId, attempt));
        fetch.Release(new AttemptId(runId, attempt));
    }

    /// <summary>
    /// This machine was removed from the dashboard: none of its attempts is its own any more, and asking again changes nothing.
    /// </summary>
    private static bool IsRemoved(HubException refusal) =>
        refusal.Message.Contains(MachineProtocol.UnknownMachine, StringComparison.Ordinal);

    private void NoteStop(int runId, int attempt) => _stops.Note(new AttemptId(runId, attempt));
}
