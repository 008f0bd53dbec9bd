using System.Diagnostics;
using Dashboard.Machines.Devices;
using Dashboard.Protocol;
using Microsoft.AspNetCore.SignalR.Client;
using Training.Core.Runs;

namespace Dashboard.Terminal.Benchmarks;

/// <summary>A machine and its trainer without a training: steps at their times, in messages of a tenth of a second.</summary>
internal sealed class LiveTrainer : IAsyncDisposable
{
    /// <summary>More than are ever reported.</summary>
    private const int StepsOfAnEpoch = 100_000;

    public static readonly TimeSpan Batch = TimeSpan.FromMilliseconds(100);

    private readonly HubConnection _machine;
    private readonly HubConnection _trainer;
    private readonly long[] _due;

    private LiveTrainer(HubConnection machine, HubConnection trainer, int runId, int mostSteps) =>
        (_machine, _trainer, RunId, _due) = (machine, trainer, runId, new long[mostSteps + 1]);

    public int RunId { get; }

    /// <summary>Steps that the dashboard says are stored.</summary>
    public int Acknowledged { get; private set; }

    /// <summary>Joins as a machine of its own, and takes a run that waits.</summary>
    public static async Task<LiveTrainer> JoinAsync(
        Uri server, string name, string token, int mostSteps, CancellationToken cancellationToken)
    {
        var machine = await ConnectAsync(server, cancellationToken);
        var joined = await machine.InvokeAsync<JoinReply>(nameof(IMachineHub.Join), name, token, ProgramVersion.Text,
            MachineProtocol.Version, cancellationToken);
        if (joined.Refusal is { } refusal) throw new InvalidOperationException(refusal);
        var assignment = await machine.InvokeAsync<Assignment?>(nameof(IMachineHub.Take), LocalMachine.Cpu, cancellationToken)
            ?? throw new InvalidOperationException("No run waits.");
        var trainer = await ConnectAsync(server, cancellationToken);
        await trainer.InvokeAsync<AttachReply>(nameof(ITrainerHub.Attach), assignment.RunId, assignment.Attempt, assignment.Token,
            cancellationToken);
        return new LiveTrainer(machine, trainer, assignment.RunId, mostSteps);
    }

    /// <summary>When a step was due, as a timestamp: waiting for its message is part of the way. 0 when it wasn't.</summary>
    public long DueAt(int step) => step < _due.Length ? Volatile.Read(ref _due[step]) : 0;

    public async Task ReportAsync(int stepsPerSecond, CancellationToken over)
    {
        var time = TimeProvider.System;
        await _trainer.InvokeAsync<long>(nameof(ITrainerHub.Report),
            (JournalEntry[])[new(1, time.GetUtcNow(),
                new TrainingStarted(PagesSeed.EpochsOfARun, StepsOfAnEpoch, 240, 60, LocalMachine.Cpu, "bench"))], CancellationToken.None);
        var begin = Stopwatch.GetTimestamp();
        var step = 0;
        while (!over.IsCancellationRequested && step < _due.Length - 1)
        {
            await Task.Delay(Batch, CancellationToken.None);
            var due = Math.Min(_due.Length - 1, (int)(Stopwatch.GetElapsedTime(begin).TotalSeconds * stepsPerSecond));
            var entries = new List<JournalEntry>();
            while (step < due)
            {
                step++;
                Volatile.Write(ref _due[step], begin + (long)((double)step / stepsPerSecond * Stopwatch.Frequency));
                entries.Add(new JournalEntry(1 + step, time.GetUtcNow(),
                    new StepCompleted(1 + (step - 1) / StepsOfAnEpoch, step, 1.0 / step, 1e-3, 64)));
            }
            if (entries.Count > 0)
                Acknowledged = (int)await _trainer.InvokeAsync<long>(nameof(ITrainerHub.Report), entries, CancellationToken.None) - 1;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _trainer.DisposeAsync();
        await _machine.DisposeAsync();
    }

    private static async Task<HubConnection> ConnectAsync(Uri server, CancellationToken cancellationToken)
    {
        var connection = HubClient.To(server, MachineProtocol.Path);
        await connection.StartAsync(cancellationToken);
        return connection;
    }
}
