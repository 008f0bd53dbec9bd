using Dashboard.Dispatch.Slurm;
using Dashboard.Pages.Wording;
using Dashboard.Protocol;
using Dashboard.Runs;
using Dashboard.Storage;
using Microsoft.Extensions.Localization;
using Training.Core.Metrics;
using Training.Core.Recipes;
using Training.Core.Runs;

namespace Dashboard.Pages.Run;

/// <summary>One number of the header: each answers a question.</summary>
/// <param name="More">Beside the value, smaller.</param>
/// <param name="Hint">On hover.</param>
public sealed record RunFact(string Name, string Value, string More = "", string Hint = "");

/// <summary>The numbers of a run's header: how far, how long, how good, how fast, on what.</summary>
public static class RunFacts
{
    /// <summary>A trainer that says nothing for longer deserves a word.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(60);

    public static IEnumerable<RunFact> Of(RunRow run, MachineReport? machine, DateTimeOffset now, IStringLocalizer<Words> words)
    {
        var progress = RunProgress.Of(run, now);
        if (run.Epochs > 0) yield return Epoch(run, progress, words);
        if (!run.State.IsLive() && progress.Elapsed is { } took)
            yield return new(words["Duration"], Figures.Duration(took, words), run.EndedAt is { } at ? Figures.Ago(at, now, words) : "",
                RunText.Times(run, words));
        else if (run.State == RunState.Training && run.LostContactAt is not null)
            yield return new(words["Time left"], Figures.Unknown, words["no contact"],
                words["Nobody answers for the run, so nobody knows how far it is."]);
        else if (run.State == RunState.Training && FullDisk.IsWaiting(run.Phase))
            yield return new(words["Time left"], Figures.Unknown, words["waits for room on the disk"], run.Phase);
        else if (progress.TimeLeft is { } left)
            yield return new(words["Time left"], Figures.Rough(left, words), Hint: RunText.Times(run, words));
        else if (progress.Elapsed is { } running)
            yield return new(JobText.IsSlurms(run.Phase) ? words["Waiting for"] : words["Running for"], Figures.Duration(running, words),
                Hint: RunText.Times(run, words));
        if (run.BestEpoch is { } best)
            yield return Best(run, best, words);
        if (run.ImagesPerSecond > 0)
            yield return Speed(run, words);
        if (run.Machine.Length > 0) yield return Device(run, machine, words);
        if (run.Precision.Length > 0) yield return new(words["Precision"], run.Precision);
        if (run.State == RunState.Training && run.LastEventAt is { } heard && now - heard > Quiet)
            yield return new(words["Last news"], Figures.Duration(now - heard, words), words["ago"], Figures.Exact(heard));
    }

    /// <summary>With its interval where that is wide: 6 of 6 right are no 100 %.</summary>
    private static RunFact Best(RunRow run, int epoch, IStringLocalizer<Words> words)
    {
        var interval = WilsonInterval.Of(run.BestValAccuracy, run.ValSamples);
        var (shown, at) = (Figures.Interval(interval), words["epoch {0}", epoch].Value);
        return new(words["Best accuracy"], Figures.Percent(run.BestValAccuracy), shown.Length > 0 ? $"{shown} · {at}" : at,
            Figures.IntervalHint(interval, run.ValSamples, words));
    }

    private static RunFact Epoch(RunRow run, RunProgress progress, IStringLocalizer<Words> words)
    {
        var steps = words["Step {0} of {1}", Figures.Count(run.Step), Figures.Count((long)run.Epochs * run.StepsPerEpoch)];
        var value = words["{0} of {1}", progress.Epoch, run.Epochs].Value;
        return run.State == RunState.Training
            ? new(words["Epoch"], $"{value} · {Figures.Percent(progress.EpochFraction, 0)}", Hint: steps)
            : new(words["Epoch"], value, Hint: steps);
    }

    /// <summary>Whether the backbone runs before the first epoch only.</summary>
    internal static bool TrainsOnFeatures(Recipe recipe) => recipe.Mode == TrainingMode.Transfer;

    /// <summary>
    /// Of the step that runs: with a frozen backbone that is the new last layer alone, and its tens of thousands need a word.
    /// </summary>
    private static RunFact Speed(RunRow run, IStringLocalizer<Words> words)
    {
        var value = words["{0} images/s",
            run.ImagesPerSecond >= 100 ? Figures.Count((long)run.ImagesPerSecond) : Figures.Number(Math.Round(run.ImagesPerSecond, 1))];
        return TrainsOnFeatures(run.Recipe)
            ? new(words["Speed of the last layer"], value, words["cached features"],
                words["The frozen backbone looks at every image once, before the first epoch. What is trained after that is only the last "
                    + "layer, on the features that are kept."])
            : new(words["Speed"], value);
    }

    /// <summary>While it trains, what its device does; afterwards only where it was.</summary>
    private static RunFact Device(RunRow run, MachineReport? machine, IStringLocalizer<Words> words)
    {
        var device = run.Device.Length > 0 ? DeviceText.Name(run.Device) : "";
        var name = device.Length > 0 ? $"{run.Machine} · {device}" : run.Machine;
        var report = run.State.IsLive() ? machine?.Devices.FirstOrDefault(d => d.Id == run.Device) : null;
        return report is null
            ? new(words["Machine"], name)
            : new(name, DeviceText.Load(report, words), Hint: report.Name);
    }
}
