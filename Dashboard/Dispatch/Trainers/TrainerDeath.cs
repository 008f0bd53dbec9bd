using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Dashboard.Dispatch.Words;
using Dashboard.Processes;
using Training.Core.Runs;

namespace Dashboard.Dispatch.Trainers;

/// <summary>Says in words how a trainer died, for people who can't look at the machine.</summary>
internal static partial class TrainerDeath
{
    private const int LastLines = 5;
    private const int MaxLine = 300;

    /// <summary>Only the end of a log is read, however long it is.</summary>
    private const int TailBytes = 16_384;

    /// <param name="exitCode">As <see cref="TrainerProcess.ExitCode"/>.</param>
    /// <param name="outOfMemory">Whether the system has ended a process for lack of memory while the trainer lived; null when it doesn't
    /// tell.</param>
    /// <param name="attempt">Whose trainer it was: the log holds what those before printed too.</param>
    public static string Write(int? exitCode, bool? outOfMemory, RunFolder folder, int attempt)
    {
        var lines = Tail(folder.TrainerLog, attempt);
        var reason = Cause(exitCode, outOfMemory, lines);
        return lines.Count == 0 ? AttemptWords.LogIsEmpty(reason) : AttemptWords.WithLog(reason, lines);
    }

    /// <summary>Whether another attempt would only end the same way.</summary>
    public static bool IsFinal(int? exitCode) => exitCode is TrainerExitCode.JournalBroken or 126 or 127;

    internal static string Cause(int? exitCode, bool? outOfMemory, IReadOnlyList<string> log) => exitCode switch
    {
        null when outOfMemory == true => AttemptWords.GoneForMemory,
        null => AttemptWords.Gone,
        TrainerExitCode.JournalBroken => AttemptWords.JournalBroken,
        128 + ProcessIdentity.SigKill when outOfMemory == true => AttemptWords.KilledForMemory,
        128 + ProcessIdentity.SigKill when outOfMemory == false => AttemptWords.KilledBySomebody,
        128 + ProcessIdentity.SigKill => AttemptWords.Killed,
        > 128 and < 128 + 65 => AttemptWords.EndedBySignal(exitCode.Value - 128, SpeaksOfMemory(log)),
        126 or 127 => AttemptWords.NotStarted,
        0 => AttemptWords.EndedWithoutWord,
        _ => AttemptWords.EndedWithCode(exitCode.Value, SpeaksOfMemory(log)),
    };

    private static bool SpeaksOfMemory(IReadOnlyList<string> log) =>
        log.Any(line => line.Contains("out of memory", StringComparison.OrdinalIgnoreCase)
            || line.Contains("OutOfMemory", StringComparison.Ordinal));

    /// <summary>Written into a run's log where an attempt's trainer is started.</summary>
    internal static string Mark(string attempt) => $"--- attempt {attempt} ---";

    /// <summary>The last lines of an attempt that say something to people (a stack trace doesn't); none when it printed nothing.</summary>
    internal static IReadOnlyList<string> Tail(string path, int attempt)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            stream.Seek(-Math.Min(TailBytes, stream.Length), SeekOrigin.End);
            using var reader = new StreamReader(stream, Encoding.UTF8);
            return [.. Of(attempt, reader.ReadToEnd().Split('\n').Select(line => line.TrimEnd()))
                .Where(line => line.Length > 0 && !line.TrimStart().StartsWith("at ", StringComparison.Ordinal))
                .TakeLast(LastLines)
                .Select(line => line.Length <= MaxLine ? line : line[..MaxLine] + " …")];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>A log without marks is of a trainer that an earlier version started.</summary>
    private static List<string> Of(int attempt, IEnumerable<string> lines)
    {
        List<string> own = [];
        var isOwn = true;
        foreach (var line in lines)
        {
            if (AttemptMark().Match(line) is not { Success: true } mark)
            {
                if (isOwn) own.Add(line);
                continue;
            }
            isOwn = mark.Groups[1].Value == attempt.ToString(CultureInfo.InvariantCulture);
            // What stood before it belongs to an earlier attempt.
            if (isOwn || int.Parse(mark.Groups[1].Value, CultureInfo.InvariantCulture) < attempt) own.Clear();
        }
        return own;
    }

    [GeneratedRegex(@"\A--- attempt (\d{1,6}) ---\z")]
    private static partial Regex AttemptMark();
}


/// <summary>How often the system has ended a process for lack of memory since it started: tells a memory death from a murder.</summary>
internal static class OutOfMemoryCount
{
    private const string Key = "oom_kill ";

    /// <summary>Of the control group first, whose limit is what counts in a container; null when the system doesn't tell.</summary>
    public static long? Read() => ReadFrom("/sys/fs/cgroup/memory.events") ?? ReadFrom("/proc/vmstat");

    /// <summary>Whether it has happened since an earlier count; null when either is unknown.</summary>
    public static bool? HasRisenSince(long? before) => Read() is { } now && before is { } then ? now > then : null;

    private static long? ReadFrom(string path)
    {
        try
        {
            var line = File.ReadLines(path).FirstOrDefault(line => line.StartsWith(Key, StringComparison.Ordinal));
            return line is not null && long.TryParse(line.AsSpan(Key.Length), CultureInfo.InvariantCulture, out var count) ? count : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
