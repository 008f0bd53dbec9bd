using Dashboard.Protocol;
using Dashboard.Runs.Words;
using Dashboard.Storage;
using Training.Core.Runs;

namespace Dashboard.Runs.Events;

/// <summary>What a batch of events makes of a run: moves its row along and collects the new rows.</summary>
internal sealed class RunEvents(RunRow run, AttemptRow attempt)
{
    private const int MaxLogText = 16_000;

    /// <summary>Lists show it: a list of a thousand runs must stay small.</summary>
    private const int MaxReason = 2_000;

    public List<StepRow> Steps { get; } = [];
    public List<EpochRow> Epochs { get; } = [];
    public List<LogRow> Logs { get; } = [];

    public void Apply(JournalEntry entry)
    {
        attempt.LastSequence = entry.Sequence;
        switch (entry.Event)
        {
            case PhaseStarted phase: Apply(phase); break;
            case TrainingStarted started: Apply(started, entry.At); break;
            case StepCompleted step: Apply(step, entry.At); break;
            case EpochCompleted epoch: Apply(epoch, entry.At); break;
            case Logged logged: Add(logged, entry); break;
            case Ended ended: Apply(ended, entry.At); break;
        }
    }

    private void Apply(PhaseStarted phase)
    {
        run.Phase = Text(phase.Text);
        run.PhaseFraction = phase.Fraction is { } fraction ? Number(fraction) : null;
        // A later attempt keeps saying why there is one.
        if (run.State == RunState.Preparing && attempt.Number == 1) run.Reason = RunWords.TrainerGetsReady;
    }

    private void Apply(TrainingStarted started, DateTimeOffset at)
    {
        run.Epochs = started.Epochs;
        run.StepsPerEpoch = started.StepsPerEpoch;
        run.TrainSamples = started.TrainSamples;
        run.ValSamples = started.ValSamples;
        run.Device = Text(started.Device);
        run.Precision = Text(started.Precision);
        run.TrainingStartedAt ??= at;
        ClearPhase();
        run.Move(RunState.Training, RunWords.TrainsOn(run.Device, run.Precision));
    }

    private void Apply(StepCompleted step, DateTimeOffset at)
    {
        // A trainer that resumes may go through steps again.
        if (step.Step <= run.Step) return;
        run.Step = step.Step;
        run.ImagesPerSecond = Number(step.ImagesPerSecond);
        ClearPhase();
        Steps.Add(new StepRow
        {
            RunId = run.Id, Step = step.Step, Epoch = step.Epoch, Loss = NumberOrNull(step.Loss),
            LearningRate = Number(step.LearningRate), ImagesPerSecond = Number(step.ImagesPerSecond), At = at,
        });
    }

    private void Apply(EpochCompleted epoch, DateTimeOffset at)
    {
        // A trainer that resumes may report an epoch again. Epoch 0, the frozen probe, is new as long as nothing was evaluated.
        if (epoch.Epoch < run.Epoch || (epoch.Epoch == run.Epoch && run.BestEpoch is not null)) return;
        run.Epoch = epoch.Epoch;
        // Epoch 0 trained the head on kept features, a thousand times as fast as what comes.
        if (epoch.Epoch > 0) run.ImagesPerSecond = Number(epoch.TrainImagesPerSecond);
        ClearPhase();
        if (epoch.IsBest)
        {
            run.BestEpoch = epoch.Epoch;
            run.BestValAccuracy = Number(epoch.ValAccuracy);
        }
        Epochs.Add(new EpochRow
        {
            RunId = run.Id, Epoch = epoch.Epoch, Step = epoch.Step,
            TrainLoss = NumberOrNull(epoch.TrainLoss), ValLoss = NumberOrNull(epoch.ValLoss),
            ValAccuracy = Number(epoch.ValAccuracy), TrainImagesPerSecond = Number(epoch.TrainImagesPerSecond),
            ValImagesPerSecond = Number(epoch.ValImagesPerSecond), Seconds = Number(epoch.Seconds), IsBest = epoch.IsBest, At = at,
        });
    }

    private void Add(Logged logged, JournalEntry entry) => Logs.Add(new LogRow
    {
        RunId = run.Id, Attempt = attempt.Number, Sequence = entry.Sequence, Level = logged.Level, Text = Text(logged.Text, MaxLogText),
            At = entry.At,
    });

    private void Apply(Ended ended, DateTimeOffset at)
    {
        var state = ended.Outcome switch
        {
            RunOutcome.Completed => RunState.Completed,
            RunOutcome.Stopped => RunState.Stopped,
            RunOutcome.Paused => RunState.Paused,
            _ => RunState.Failed,
        };
        if (!run.Move(state, Text(ended.Reason))) return;
        if (ended.BestEpoch is not null)
        {
            run.BestEpoch = ended.BestEpoch;
            run.BestValAccuracy = ended.BestValAccuracy is { } accuracy ? NumberOrNull(accuracy) : null;
        }
        run.EndedAt = attempt.EndedAt = at;
        attempt.Reason = run.Reason;
        ClearPhase();
    }

    private void ClearPhase()
    {
        run.Phase = "";
        run.PhaseFraction = null;
    }

    /// <summary>SQLite refuses NaN; a diverged loss is null there, anything else that isn't a number counts as 0.</summary>
    private static double? NumberOrNull(double value) => double.IsNaN(value) ? null : value;

    private static double Number(double value) => double.IsFinite(value) ? value : 0;

    /// <summary>PostgreSQL refuses NUL; a native library's output may hold it.</summary>
    private static string Text(string text, int most = MaxReason)
    {
        return ForeignText.Shorten(text.Replace("\0", "", StringComparison.Ordinal), most, " …");
    }
}
