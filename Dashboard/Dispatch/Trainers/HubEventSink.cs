using System.Globalization;
using Dashboard.Protocol;
using Training.Core.Runs;

namespace Dashboard.Dispatch.Trainers;

/// <summary>
/// Takes the events of the training thread: journal first, then they wait to be sent. Holds the newest in memory, so that a trainer
/// that keeps up never reads its journal back; one that was cut off for hours does. Thread-safe.
/// </summary>
/// <param name="device">As the machine names it.</param>
internal sealed class HubEventSink(Journal journal, string journalPath, string device, TrainerLog log) : IRunEventSink
{
    /// <summary>Entries kept in memory: more than a minute of very short steps.</summary>
    internal const int MaxRecent = 10_000;

    private readonly Lock _lock = new();
    private readonly LinkedList<JournalEntry> _recent = [];
    private TaskCompletionSource _added = New();
    private bool _yields;

    /// <summary>The run's <see cref="Ended"/> stands in the journal, or it yielded: nothing comes after it.</summary>
    public bool HasEnded { get; private set; }

    public long LastSequence => journal.LastSequence;

    /// <remarks>Waits while the disk is full: nothing may be trained that can't be told.</remarks>
    public void Report(RunEvent runEvent) => FullDisk.Outlast(() => Add(Prepare(runEvent)), log.Write, CancellationToken.None);

    /// <summary>From now on a pause is no end of the attempt that is told: it leaves a checkpoint behind, and nothing else.</summary>
    public void Yield()
    {
        lock (_lock) _yields = true;
    }

    /// <summary>Entries after a sequence number, in order; may be fewer than there are, never none when there are some.</summary>
    public IReadOnlyList<JournalEntry> After(long sequence, int limit)
    {
        lock (_lock)
        {
            if (sequence >= journal.LastSequence) return [];
            if (_recent.First?.Value.Sequence <= sequence + 1)
                return [.. _recent.SkipWhile(entry => entry.Sequence <= sequence).Take(limit)];
        }
        return Journal.Read(journalPath, sequence, limit);
    }

    /// <summary>Completes as soon as there is something after a sequence number, or nothing will come any more.</summary>
    public async Task WaitAsync(long after, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task added;
            lock (_lock)
            {
                if (journal.LastSequence > after || HasEnded) return;
                if (_added.Task.IsCompleted) _added = New();
                added = _added.Task;
            }
            await added.WaitAsync(cancellationToken);
        }
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Add(RunEvent runEvent)
    {
        lock (_lock)
        {
            if (HasEnded) return;
            if (_yields && runEvent is Ended { Outcome: RunOutcome.Paused })
            {
                log.Write("The system takes this machine away. The checkpoint is written; another attempt goes on from it.");
                HasEnded = true;
                _added.TrySetResult();
                return;
            }
            var entry = Append(runEvent);
            Echo(entry.Event);
            _recent.AddLast(entry);
            if (_recent.Count > MaxRecent) _recent.RemoveFirst();
            HasEnded = entry.Event is Ended;
            _added.TrySetResult();
        }
    }

    private JournalEntry Append(RunEvent runEvent)
    {
        try
        {
            return journal.Append(runEvent);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException && !FullDisk.Is(e))
        {
            throw new RunSinkException($"The journal {journalPath} can't be written: {e.Message}", e);
        }
    }

    private RunEvent Prepare(RunEvent runEvent) => runEvent switch
    {
        // A trainer is shown one GPU only, which is the first for it whichever it is for the machine.
        TrainingStarted started when IsGpu(started.Device) && IsGpu(device) => started with { Device = device },
        PhaseStarted phase =>
            phase with { Text = Shorten(phase.Text, MessageRules.MostSentence),
                Fraction = phase.Fraction is { } part && double.IsFinite(part) ? Math.Clamp(part, 0, 1) : null },
        Logged logged => logged with { Text = Shorten(logged.Text, MessageRules.MostLogText) },
        Ended ended => ended with { Reason = Shorten(ended.Reason, MessageRules.MostLogText) },
        _ => runEvent,
    };

    private static bool IsGpu(string name) => name.StartsWith("cuda", StringComparison.Ordinal);

    /// <summary>What is longer is refused at the dashboard's door; a native library's complaint can be that long.</summary>
    private static string Shorten(string text, int most) => ForeignText.Shorten(text, most);

    /// <summary>Into trainer.log, beside what native libraries print: the lines that explain a death.</summary>
    private void Echo(RunEvent runEvent)
    {
        var line = runEvent switch
        {
            Logged logged => logged.Text,
            PhaseStarted { Fraction: null or 0, Text.Length: > 0 } phase => phase.Text,
            TrainingStarted started => FormattableString.Invariant(
                $"Training {started.Epochs} epochs of {started.StepsPerEpoch} steps on {started.Device}, {started.Precision}"),
            EpochCompleted epoch => string.Create(CultureInfo.InvariantCulture,
                $"Epoch {epoch.Epoch}: train loss {epoch.TrainLoss:F4}, val loss {epoch.ValLoss:F4}, val accuracy "
                    + $"{Training.Core.Metrics.Percent.Of(epoch.ValAccuracy)}"),
            Ended ended => $"{ended.Outcome}: {ended.Reason}",
            _ => null,
        };
        if (line is not null) log.Write(line);
    }
}
