using System.Globalization;

namespace Dashboard.Dispatch.Slurm;

/// <summary>A job as <c>squeue</c> shows it.</summary>
/// <param name="Comment">What it was submitted with; tells whose attempt it is.</param>
/// <param name="State">Slurm's own word, such as PENDING.</param>
/// <param name="Reason">Slurm's own word for why it waits or ended, such as Resources; empty: none.</param>
/// <param name="StartsAt">When it began; of one that waits when Slurm expects it to; null: unknown.</param>
/// <param name="Node">Where it runs or ran; of one that waits where Slurm means to put it; empty: unknown.</param>
/// <param name="Restarts">How often Slurm has put it back into the queue.</param>
/// <param name="ExitCode">As a shell shows it; null while it runs.</param>
internal sealed record SlurmJob(
    string Id, string Comment, string State, string Reason, DateTimeOffset? StartsAt, string Node, int Restarts, int? ExitCode)
{
    /// <summary>Fields of <c>squeue -O</c>; the comment last, for it may hold anything.</summary>
    public const string Format = "JobID:|,State:|,Reason:|,StartTime:|,NodeList:|,SchedNodes:|,RestartCnt:|,exit_code:|,Comment:|";

    private const int Fields = 9;

    private static readonly string[] Over =
        ["COMPLETED", "FAILED", "CANCELLED", "TIMEOUT", "OUT_OF_MEMORY", "NODE_FAIL", "PREEMPTED", "BOOT_FAIL", "DEADLINE", "REVOKED"];

    public bool IsPending => State is "PENDING";

    public bool IsRunning => State is "RUNNING";

    public bool IsOver => Over.Contains(State);

    /// <summary>Null when the line is not one of squeue's.</summary>
    public static SlurmJob? Parse(string line)
    {
        var fields = line.Split('|', Fields);
        if (fields.Length < Fields) return null;
        var state = fields[1].Trim();
        return new SlurmJob(
            fields[0].Trim(), fields[8].TrimEnd('|', ' '), state, Word(fields[2]),
            long.TryParse(fields[3], CultureInfo.InvariantCulture, out var seconds) ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null,
            Word(fields[4]) is { Length: > 0 } node ? node : Word(fields[5]),
            int.TryParse(fields[6], CultureInfo.InvariantCulture, out var restarts) ? restarts : 0,
            Over.Contains(state) && int.TryParse(fields[7], CultureInfo.InvariantCulture, out var status) ? Shell(status) : null);
    }

    private static string Word(string field) => field.Trim() is var word && word is "None" or "(null)" or "N/A" or "n/a" ? "" : word;

    /// <summary>A wait status as a shell shows it: 128 and the signal for one that was ended by it.</summary>
    private static int Shell(int status) => (status & 0x7f) is var signal and not 0 ? 128 + signal : (status >> 8) & 0xff;
}
