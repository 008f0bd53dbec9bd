using System.Diagnostics;
using System.Text;
using Dashboard.Dispatch.Trainers;

namespace Dashboard.Dispatch.Slurm;

/// <summary>
/// The batch script: it waits for the launch file of this start of the job (Slurm may start it again on another node), starts the
/// trainer with the attempt and secret from there, and ends it when the dashboard has moved on to another attempt.
/// </summary>
internal static class TrainerScript
{
    /// <summary>Stands in the trainer's arguments where the attempt's number comes.</summary>
    public const string AttemptPlace = "@attempt@";

    /// <param name="launches">Folder of the launch files.</param>
    /// <param name="log">What the trainer prints goes there.</param>
    /// <param name="tokenVariable">Environment variable that hands the secret to the trainer, and to nothing else.</param>
    /// <param name="trainer">Its file, arguments and folder.</param>
    /// <param name="environment">What the script sets before; it stands in the script for all to read who may read the job.</param>
    public static string Write(
        string launches, string log, string tokenVariable, ProcessStartInfo trainer, IEnumerable<KeyValuePair<string, string>> environment)
    {
        var script = new StringBuilder("#!/bin/sh\n");
        foreach (var (name, value) in environment)
            script.Append("export ").Append(name).Append('=').Append(SlurmConnection.Quote(value)).Append('\n');
        script.Append("launches=").Append(SlurmConnection.Quote(launches)).Append('\n');
        script.Append("log=").Append(SlurmConnection.Quote(log)).Append('\n');
        script.Append(Body.Replace("\r", "", StringComparison.Ordinal)
            .Replace("@token@", tokenVariable, StringComparison.Ordinal)
            .Replace("@mark@", TrainerDeath.Mark("$attempt"), StringComparison.Ordinal)
            .Replace("@folder@", SlurmConnection.Quote(trainer.WorkingDirectory), StringComparison.Ordinal)
            .Replace("@trainer@", string.Join(' ', new[] { trainer.FileName }.Concat(trainer.ArgumentList).Select(Argument)),
                StringComparison.Ordinal));
        return script.ToString();
    }

    private static string Argument(string argument) => argument == AttemptPlace ? "\"$attempt\"" : SlurmConnection.Quote(argument);

    // The dashboard may be away when Slurm starts the job again: it waits an hour for it.
    // A signal of Slurm reaches all processes of the job; the script itself outlives the trainer to pass its exit code on.
    private const string Body = """
        start="$launches/start-${SLURM_RESTART_COUNT:-0}"
        waited=0
        until [ -f "$start" ]; do
          [ "$waited" -lt 3600 ] || { echo "The dashboard has not given this job an attempt for an hour."; exit 75; }
          [ "$waited" -ne 5 ] || echo "Waiting for the dashboard to give this job an attempt."
          sleep 1; waited=$((waited + 1))
        done
        read -r attempt token <"$start"
        rm -f "$start"
        cd @folder@ || exit 1
        trap : TERM INT CONT USR1 USR2
        echo "@mark@" >>"$log"
        @token@="$token" @trainer@ </dev/null >>"$log" 2>&1 &
        trainer=$!
        unset token
        (
          while sleep 2; do
            current=$(cat "$launches/current" 2>/dev/null) || continue
            [ "$current" = "$attempt" ] || kill -KILL "$trainer"
          done
        ) &
        guard=$!
        while kill -0 "$trainer" 2>/dev/null; do wait "$trainer"; code=$?; done
        kill -KILL "$guard" 2>/dev/null
        exit "${code:-0}"

        """;
}
