using System.Globalization;
using Dashboard.Runs;
using Dashboard.Storage;
using Microsoft.Extensions.Localization;
using Training.Core.Runs;

namespace Dashboard.Pages.Wording;

/// <summary>How a run's state and progress are said, the same on every page.</summary>
public static class RunText
{
    /// <param name="position">Place in the queue, from 1; null when it isn't known.</param>
    public static string State(RunRow run, IStringLocalizer<Words> words, int? position = null) => run.State switch
    {
        RunState.Queued when position is { } place => words["Queued, {0}", Ordinal(place)],
        RunState.Queued => words["Queued"],
        _ when run.StopRequested && run.State.IsLive() => words["Stopping"],
        _ when run.PauseRequested && run.State.IsLive() => words["Pausing"],
        RunState.Paused => words["Paused"],
        _ when run.LostContactAt is not null && run.State.IsLive() => words["Lost contact"],
        RunState.Preparing => words["Preparing"],
        RunState.Training => words["Training"],
        RunState.Completed => words["Completed"],
        RunState.Stopped => words["Stopped"],
        _ => words["Failed"],
    };

    /// <summary>The chip's colour class of app.css.</summary>
    public static string Chip(RunRow run) => run.State switch
    {
        RunState.Queued or RunState.Paused => "q",
        RunState.Completed => "g",
        RunState.Failed => "b",
        RunState.Stopped => "w",
        _ when run.StopRequested || run.PauseRequested || run.LostContactAt is not null => "w",
        _ => "t",
    };

    /// <summary>The variable of app.css that goes with the chip, for lines and bars.</summary>
    public static string Colour(RunRow run) => run.State switch
    {
        RunState.Completed => "--c3",
        RunState.Failed => "--c4",
        RunState.Stopped => "--c2",
        _ => "--c1",
    };

    /// <summary>One line: where it is, or how it ended.</summary>
    public static string Progress(RunRow run, RunProgress progress, IStringLocalizer<Words> words) => run.State switch
    {
        RunState.Training or RunState.Preparing when run.LostContactAt is { } since => words["lost contact at {0}", Figures.Exact(since)],
        RunState.Training when FullDisk.IsWaiting(run.Phase) => words["waits for room on the disk"],
        RunState.Training when run.Epochs > 0 =>
            words["epoch {0}/{1} · {2}", progress.Epoch, run.Epochs, Figures.Percent(progress.EpochFraction, 0)],
        RunState.Preparing when run.Phase.Length > 0 => run.Phase,
        RunState.Completed when run.BestEpoch is { } best => words["best epoch {0} of {1}", best, run.Epoch],
        _ => run.Reason,
    };

    /// <summary>Time left of a live run, duration of an ended one; empty while neither is known.</summary>
    public static string Time(RunRow run, RunProgress progress, IStringLocalizer<Words> words) => progress switch
    {
        { TimeLeft: { } left } => words["{0} left", Figures.Rough(left, words)],
        { Elapsed: { } elapsed } when !run.State.IsLive() => Figures.Duration(elapsed, words),
        { Elapsed: { } elapsed } => words["for {0}", Figures.Duration(elapsed, words)],
        _ => "",
    };

    /// <summary>For hovering: when it was queued, began and ended.</summary>
    public static string Times(RunRow run, IStringLocalizer<Words> words)
    {
        var lines = new List<string> { words["Queued {0}", Figures.Exact(run.CreatedAt)] };
        if (run.StartedAt is { } started) lines.Add(words["Started {0}", Figures.Exact(started)]);
        if (run.EndedAt is { } ended) lines.Add(words["Ended {0}", Figures.Exact(ended)]);
        return string.Join("\n", lines);
    }

    private static string Ordinal(int place) => CultureInfo.CurrentUICulture.TwoLetterISOLanguageName is not ("en" or "iv")
        ? place.ToString(CultureInfo.CurrentCulture)
        : place + ((place % 100) is 11 or 12 or 13 ? "th" : (place % 10) switch { 1 => "st", 2 => "nd", 3 => "rd", _ => "th" });
}
