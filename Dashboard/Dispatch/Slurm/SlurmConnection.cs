using System.Diagnostics;
using Dashboard.Dispatch.Words;
using Dashboard.Processes;

namespace Dashboard.Dispatch.Slurm;

/// <summary>
/// How a cluster's own command line is reached: on this computer, or through the ssh client with the user's own keys and settings.
/// </summary>
/// <param name="destination">As ssh takes it, such as "me@login.example"; empty: this computer.</param>
/// <param name="ssh">The program that is called as ssh.</param>
internal sealed class SlurmConnection(string destination, string ssh = "ssh")
{
    /// <summary>A controller that is busy answers late, one that is gone never.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Of the dashboard's own environment only this reaches Slurm, which hands it to every job: what else stands there may be secret.
    /// </summary>
    private static readonly string[] Handed = ["PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "TZ", "TMPDIR", "LD_LIBRARY_PATH"];

    private static readonly string[] HandedKinds = ["SLURM_", "SBATCH_", "LC_", "SSH_", "DOTNET_ROOT", "MUNGE_"];

    /// <summary>Runs a program of the cluster.</summary>
    /// <param name="input">What it reads; null: nothing.</param>
    /// <exception cref="SlurmException">It could not be started or did not answer.</exception>
    public async Task<SlurmReply> RunAsync(
        string program, IReadOnlyList<string> arguments, string? input, CancellationToken cancellationToken)
    {
        var start = Start(program, arguments);
        using var process = Begin(start);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(patience.Token);
            var errors = process.StandardError.ReadToEndAsync(patience.Token);
            await WriteAsync(process, input, patience.Token);
            await process.WaitForExitAsync(patience.Token);
            return new SlurmReply(process.ExitCode, (await output).Trim(), (await errors).Trim());
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            cancellationToken.ThrowIfCancellationRequested();
            throw new SlurmException(ClusterWords.ProgramSilent(start.FileName, Patience));
        }
    }

    /// <summary>In single quotes every shell takes every character but the quote itself as it is.</summary>
    internal static string Quote(string argument) => "'" + argument.Replace("'", "'\\''", StringComparison.Ordinal) + "'";

    internal ProcessStartInfo Start(string program, IReadOnlyList<string> arguments)
    {
        var isHere = destination.Length == 0;
        var start = new ProcessStartInfo(isHere ? program : ssh)
        {
            UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        string[] all = isHere
            ? [.. arguments]
            : ["-o", "BatchMode=yes", "-o", "ConnectTimeout=10", "--", destination,
                string.Join(' ', ["env", TimeFormat, program, .. arguments.Select(Quote)])];
        foreach (var argument in all) start.ArgumentList.Add(argument);
        foreach (var name in start.Environment.Keys.Where(name => !IsHanded(name)).ToList()) start.Environment.Remove(name);
        start.Environment["SLURM_TIME_FORMAT"] = "%s";
        return start;
    }

    /// <summary>Seconds since 1970: the cluster may live in another time zone.</summary>
    private const string TimeFormat = "SLURM_TIME_FORMAT=%s";

    private static bool IsHanded(string name) =>
        Handed.Contains(name) || HandedKinds.Any(kind => name.StartsWith(kind, StringComparison.Ordinal));

    private static Process Begin(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start) ?? throw new SlurmException(ClusterWords.ProgramNotStarted(start.FileName));
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new SlurmException(ClusterWords.ProgramMissing(start.FileName, e.Message), e);
        }
    }

    private static async Task WriteAsync(Process process, string? input, CancellationToken cancellationToken)
    {
        try
        {
            if (input is not null) await process.StandardInput.WriteAsync(input.AsMemory(), cancellationToken);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // The command ended without reading: its exit code and what it printed say why.
        }
    }
}

/// <summary>What a program of Slurm answered.</summary>
internal sealed record SlurmReply(int ExitCode, string Output, string Errors)
{
    /// <summary>What ssh itself exits with when it didn't get through.</summary>
    public const int SshFailed = 255;
}

/// <summary>Slurm did not answer, or not as it should.</summary>
internal sealed class SlurmException(string message, Exception? inner = null) : RefusalException(message, inner);
