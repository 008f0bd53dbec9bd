using System.Globalization;
using System.Text.Json;
using Dashboard.Dispatch.Words;
using Dashboard.Processes;
using Dashboard.Protocol;
using Dashboard.Storage;
using Training.Core.Runs;

namespace Dashboard.Dispatch.Hubs;

/// <summary>
/// What a run can report at all, by its recipe and by what its trainer found: the rest of what <see cref="MessageRules"/> checks.
/// </summary>
/// <param name="Epochs">Of the recipe.</param>
/// <param name="StepsPerEpoch">0 as long as no trainer has said.</param>
internal readonly record struct RunPlan(int Epochs, int StepsPerEpoch)
{
    private int Steps => StepsPerEpoch == 0 ? MessageRules.MostSteps : Epochs * StepsPerEpoch;

    public static RunPlan Of(RunRow run)
    {
        try
        {
            return new RunPlan(run.Recipe.Epochs, run.StepsPerEpoch);
        }
        catch (JsonException)
        {
            // A recipe of another version: what its trainer says can only be checked roughly.
            return new RunPlan(MessageRules.MostEpochs, 0);
        }
    }

    /// <summary>Checks entries that follow each other against this plan, and as messages.</summary>
    /// <returns>The plan after them.</returns>
    /// <exception cref="ImpossibleReportException">One of them can't be; none is to be stored.</exception>
    public RunPlan Check(IReadOnlyList<JournalEntry> entries)
    {
        var plan = this;
        for (var i = 0; i < entries.Count; i++)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"entries[{i}]");
            if (MessageRules.Problem(entries[i], name) is { } wrong) throw new ImpossibleReportException(wrong);
            var what = entries[i].Event;
            if (what is TrainingStarted started && !plan.TryStart(started, out plan))
                throw new ImpossibleReportException(HubWords.BeginsOtherEpochs(name, started.Epochs, started.StepsPerEpoch, Epochs));
            if (plan.Problem(what, name) is { } problem) throw new ImpossibleReportException(problem);
        }
        return plan;
    }

    private bool TryStart(TrainingStarted started, out RunPlan plan)
    {
        plan = this with { StepsPerEpoch = started.StepsPerEpoch };
        return started.Epochs <= Epochs && (long)Epochs * started.StepsPerEpoch <= MessageRules.MostSteps;
    }

    private string? Problem(RunEvent what, string name) => what switch
    {
        StepCompleted step when step.Epoch > Epochs => HubWords.StepOfEpochBeyond(name, step.Epoch, Epochs),
        StepCompleted step when step.Step > Steps => HubWords.StepBeyond(name, step.Step, Steps),
        EpochCompleted epoch when epoch.Epoch > Epochs => HubWords.EpochBeyond(name, epoch.Epoch, Epochs),
        EpochCompleted epoch when epoch.Step > Steps => HubWords.EpochEndsBeyond(name, epoch.Step, Steps),
        Ended { BestEpoch: { } best } when best > Epochs => HubWords.BestEpochBeyond(name, best, Epochs),
        _ => null,
    };
}

/// <summary>A trainer reported what can't be; the message says what.</summary>
internal sealed class ImpossibleReportException(string message) : RefusalException(message);
