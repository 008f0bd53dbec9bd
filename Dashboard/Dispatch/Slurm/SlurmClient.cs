using Dashboard.Dispatch.Words;

namespace Dashboard.Dispatch.Slurm;

/// <summary>What is asked of a cluster: what it does for us, a new job, the end of one.</summary>
internal sealed class SlurmClient(SlurmConnection connection)
{
    /// <summary>
    /// What a controller that can't be reached or didn't answer in time prints: the job may be in its queue all the same.
    /// </summary>
    private static readonly string[] Unanswered =
        ["Unable to contact slurm controller", "Socket timed out", "Zero Bytes were transmitted", "Transport endpoint",
            "Connection refused", "Communication connection failure", "controller in standby mode"];

    /// <summary>Stands behind the program's name, which says nothing to people.</summary>
    private const string ErrorSign = ": error: ";

    /// <summary>Our user's jobs, those that ended a short time ago included.</summary>
    /// <exception cref="SlurmException">The controller doesn't answer.</exception>
    public async Task<IReadOnlyList<SlurmJob>> JobsAsync(CancellationToken cancellationToken)
    {
        var reply = await AskAsync("squeue", ["--me", "--states=all", "--noheader", "-O", SlurmJob.Format], cancellationToken);
        return [.. reply.Split('\n').Select(SlurmJob.Parse).OfType<SlurmJob>()];
    }

    /// <summary>Hands a script to Slurm.</summary>
    /// <param name="options">Of sbatch.</param>
    /// <exception cref="SlurmException">Whether Slurm took it is unknown: look for it before trying again.</exception>
    public async Task<SlurmSubmission> SubmitAsync(IReadOnlyList<string> options, string script, CancellationToken cancellationToken)
    {
        var reply = await connection.RunAsync("sbatch", ["--parsable", .. options], script, cancellationToken);
        if (reply.ExitCode == 0 && reply.Output.Split('\n')[^1].Split(';')[0].Trim() is { Length: > 0 } id && id.All(char.IsAsciiDigit))
            return new SlurmSubmission(id, null);
        var words = Words(reply);
        return reply.ExitCode is 0 or SlurmReply.SshFailed
            || Unanswered.Any(sign => words.Contains(sign, StringComparison.OrdinalIgnoreCase))
            ? throw new SlurmException(words)
            : new SlurmSubmission(null, words);
    }

    /// <summary>Ends a job; one that is over already stays as it is.</summary>
    public async Task CancelAsync(string job, CancellationToken cancellationToken)
    {
        var reply = await connection.RunAsync("scancel", [job], null, cancellationToken);
        // One that Slurm has forgotten is over for sure.
        if (reply.ExitCode != 0 && !Words(reply).Contains("Invalid job id", StringComparison.OrdinalIgnoreCase))
            throw new SlurmException(Words(reply));
    }

    /// <summary>Such as "n1 is down: Not responding"; empty when Slurm has nothing to say.</summary>
    public async Task<string> NodeAsync(string node, CancellationToken cancellationToken)
    {
        if (node.Length == 0) return "";
        var line = (await AskAsync("sinfo", ["--noheader", "--Node", "--nodes=" + node, "-o", "%N is %T: %E"], cancellationToken))
            .Split('\n')[0].Trim();
        return line.EndsWith(": none", StringComparison.Ordinal) ? line[..^": none".Length] : line;
    }

    /// <summary>Nodes of a partition by what they do, such as "2 idle"; of all partitions when it is empty.</summary>
    public async Task<IReadOnlyList<string>> NodesAsync(string partition, CancellationToken cancellationToken)
    {
        string[] only = partition.Length > 0 ? ["--partition=" + partition] : [];
        return [.. (await AskAsync("sinfo", ["--noheader", .. only, "-o", "%D %T"], cancellationToken)).Split('\n')
            .Select(line => line.Trim()).Where(line => line.Length > 0)];
    }

    /// <summary>Such as "slurm-wlm 22.05.8".</summary>
    public Task<string> VersionAsync(CancellationToken cancellationToken) => AskAsync("squeue", ["--version"], cancellationToken);

    private async Task<string> AskAsync(string program, IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        var reply = await connection.RunAsync(program, arguments, null, cancellationToken);
        return reply.ExitCode == 0 ? reply.Output : throw new SlurmException(Words(reply));
    }

    private static string Words(SlurmReply reply)
    {
        var lines = reply.Errors.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0)
            .Select(line => line.IndexOf(ErrorSign, StringComparison.Ordinal) is var at and >= 0 ? line[(at + ErrorSign.Length)..] : line);
        var words = string.Join("; ", lines);
        return words.Length == 0 ? ClusterWords.ProgramSaidNothing(reply.ExitCode) : words.Length <= 600
            ? words : words[..600] + " …";
    }
}

/// <summary>Slurm's answer to a job: its id, or why it refuses it.</summary>
internal sealed record SlurmSubmission(string? Job, string? Refusal);
