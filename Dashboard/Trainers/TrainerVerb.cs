using System.Runtime.InteropServices;

namespace Dashboard.Trainers;

/// <summary>The internal verb <c>trainer</c>: what <see cref="TrainingService"/> starts as a child process.</summary>
internal static class TrainerVerb
{
    public const string Name = TrainerOptions.Verb;

    /// <param name="args">Without the verb itself.</param>
    /// <returns>A <see cref="TrainerExitCode"/>.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        TrainerOptions options;
        try
        {
            options = TrainerOptions.Parse(args);
        }
        catch (ArgumentException e)
        {
            await Console.Error.WriteLineAsync($"{e.Message} The dashboard starts trainers itself; to train from the terminal use the verb 'train'.");
            return TrainerExitCode.Usage;
        }
        if (Environment.GetEnvironmentVariable(AttemptToken.Variable) is not { Length: > 0 } token)
        {
            await Console.Error.WriteLineAsync($"{AttemptToken.Variable} is not set. The dashboard starts trainers itself; to train from the terminal use the verb 'train'.");
            return TrainerExitCode.Usage;
        }
        // Nothing that this process starts needs the secret.
        Environment.SetEnvironmentVariable(AttemptToken.Variable, null);
        var host = new TrainerHost(options, token, new TrainerLog(Console.Out), TimeProvider.System);
        var exitCode = await host.RunAsync();
        // A usual exit tears the native libraries down under a thread that still computes: that crashes.
        if (host.IsAbandoned) ExitAtOnce(exitCode);
        return exitCode;
    }

    [DllImport("libc", EntryPoint = "_exit")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern void ExitAtOnce(int exitCode);
}
