using System.Globalization;
using Microsoft.Extensions.Localization;
using Training.Core.Metrics;
using Training.Core.Runs;

namespace Dashboard.Pages.Wording;

/// <summary>How numbers are written on pages: thin thousands, fixed decimals, always with a unit. Unknown is "–".</summary>
public static class Figures
{
    public const string Unknown = "–";

    /// <summary>A part of one as "91.3 %"; 100 % are all.</summary>
    public static string Percent(double? part, int decimals = 1) => part is not { } value || !double.IsFinite(value)
        ? Unknown
        : Training.Core.Metrics.Percent.Local(value, decimals);

    /// <summary>A counted share's 95 % interval as "82.1–96.0 %", where it is wider than a point up and down; otherwise empty.</summary>
    public static string Interval(WilsonInterval? interval) =>
        interval is { IsWide: true } wide ? Training.Core.Metrics.Percent.Local(wide) : "";

    /// <summary>For hovering over a share: where the true one lies, whatever the width; empty when nothing was counted.</summary>
    public static string IntervalHint(WilsonInterval? interval, int counted, IStringLocalizer<Words> words)
    {
        if (interval is not { } known) return "";
        var images = Counted(counted, "1 image", "{0} images", words);
        return words["95 % interval of {0}: {1}", images, Training.Core.Metrics.Percent.Local(known)];
    }

    public static string Count(long value) => value.ToString("N0", CultureInfo.CurrentCulture);

    /// <summary>A number with its noun: "1 image", "2,000 images".</summary>
    /// <param name="many">Holds {0}.</param>
    public static string Counted(long value, string one, string many, IStringLocalizer<Words> words)
    {
        ArgumentNullException.ThrowIfNull(words);
        return value == 1 ? words[one] : words[many, Count(value)];
    }

    /// <summary>Decimal units, as disks are sold.</summary>
    public static string Bytes(long bytes) => ByteSize.Text(bytes, CultureInfo.CurrentCulture);

    /// <summary>"41 s", "4 min 12 s", "2 h 5 min", "3 d 4 h".</summary>
    public static string Duration(TimeSpan time, IStringLocalizer<Words> words) => time switch
    {
        { TotalSeconds: < 0 } => words["{0} s", 0],
        { TotalSeconds: < 59.5 } => words["{0} s", (int)Math.Round(time.TotalSeconds)],
        { TotalMinutes: < 60, Seconds: 0 } => words["{0} min", (int)time.TotalMinutes],
        { TotalMinutes: < 60 } => words["{0} min {1} s", (int)time.TotalMinutes, time.Seconds],
        { TotalHours: < 24 } => words["{0} h {1} min", (int)time.TotalHours, time.Minutes],
        _ => words["{0} d {1} h", (int)time.TotalDays, time.Hours],
    };

    /// <summary>An estimate: seconds only where they matter ("40 s", "2 min 40 s", "12 min", "2 h 5 min").</summary>
    public static string Rough(TimeSpan time, IStringLocalizer<Words> words) => time switch
    {
        { TotalMinutes: < 5 } => Duration(TimeSpan.FromSeconds(Math.Ceiling(time.TotalSeconds / 5) * 5), words),
        { TotalMinutes: < 60 } => words["{0} min", (int)Math.Ceiling(time.TotalMinutes)],
        _ => Duration(time, words),
    };

    /// <summary>"just now", "5 min ago", "3 h ago", then the date.</summary>
    public static string Ago(DateTimeOffset at, DateTimeOffset now, IStringLocalizer<Words> words) => (now - at) switch
    {
        { TotalSeconds: < 60 } => words["just now"],
        { TotalMinutes: < 60 } and var age => words["{0} min ago", (int)age.TotalMinutes],
        { TotalHours: < 24 } and var age => words["{0} h ago", (int)age.TotalHours],
        { TotalDays: < 7 } and var age => words["{0} d ago", (int)age.TotalDays],
        _ => at.ToLocalTime().ToString("d", CultureInfo.CurrentCulture),
    };

    /// <summary>For hovering: date and second.</summary>
    public static string Exact(DateTimeOffset at) => at.ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    /// <summary>A loss or rate with four significant digits; NaN and infinities by their names.</summary>
    public static string Number(double? value) => value switch
    {
        null => "NaN",
        { } v when double.IsNaN(v) => "NaN",
        { } v when double.IsInfinity(v) => v > 0 ? "∞" : "−∞",
        0 => "0",
        { } v when Math.Abs(v) is < 1e-3 or >= 1e5 => v.ToString("0.##e+0", CultureInfo.CurrentCulture),
        { } v => v.ToString("0.####", CultureInfo.CurrentCulture),
    };
}
