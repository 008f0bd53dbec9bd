using System.Globalization;
using Dashboard.Dispatch.Trainers;
using Dashboard.Dispatch.Words;
using Training.Core.Runs;

namespace Dashboard.Dispatch.Slurm;

/// <summary>How a job is said, in the database and on pages alike: Slurm's own words first.</summary>
internal static class JobText
{
    /// <summary>Such as "PENDING (Resources), starts about 14:05 on n2".</summary>
    public static string Phase(SlurmJob job, DateTimeOffset now) => job switch
    {
        { IsPending: true } => SlurmWords.State(job.State, job.Reason) + Estimate(job.StartsAt, job.Node, now),
        { IsRunning: true } => JobWords.TrainerStartsOn(job.Node),
        _ => SlurmWords.State(job.State, job.Reason) + JobWords.On(job.Node),
    };

    /// <summary>Whether what a run does is said in Slurm's words, which begin with a state in capitals, and not in its trainer's.</summary>
    public static bool IsSlurms(string phase) =>
        phase.Split(' ', ',')[0] is { Length: > 3 } state && state.All(letter => char.IsAsciiLetterUpper(letter) || letter == '_');

    /// <param name="node">Empty: unknown.</param>
    public static string Estimate(DateTimeOffset? at, string node, DateTimeOffset now)
    {
        if (at is not { } start || start <= now) return "";
        var local = start.ToOffset(now.Offset);
        // Without time limits Slurm can only say when the jobs before it must have ended, in a year.
        var when = local.Date == now.Date ? local.ToString("HH:mm", CultureInfo.InvariantCulture)
            : start - now < TimeSpan.FromDays(300) ? local.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture) : null;
        return when is null ? "" : JobWords.StartsAbout(when, node);
    }

    /// <summary>How a job ended, with what its trainer printed last.</summary>
    public static string WithLog(string words, int? exitCode, RunFolder folder, int attempt)
    {
        var lines = TrainerDeath.Tail(folder.TrainerLog, attempt);
        if (exitCode is { } code and not 0) words = JobWords.ExitedWith(words, code);
        return lines.Count == 0 ? words : AttemptWords.WithLog(words, lines);
    }
}
