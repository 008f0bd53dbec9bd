using Dashboard.Dispatch;
using Dashboard.Dispatch.Trainers;
using Dashboard.Processes;
using Dashboard.Protocol;

namespace Dashboard.Terminal;

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
        catch (StartException e)
        {
            await Console.Error.WriteLineAsync($"{e.Message} The dashboard starts trainers itself; to train from the terminal use the "
                + "verb 'train'.");
            return TrainerExitCode.Usage;
        }
        if (Environment.GetEnvironmentVariable(AttemptToken.Variable) is not { Length: > 0 } token)
        {
            await Console.Error.WriteLineAsync($"{AttemptToken.Variable} is not set. The dashboard starts trainers itself; to train from "
                + "the terminal use the verb 'train'.");
            return TrainerExitCode.Usage;
        }
        // Nothing that this process starts needs the secret.
        Environment.SetEnvironmentVariable(AttemptToken.Variable, null);
        if (options.LibtorchFolder is { } libtorch && !await TryLoadAsync(libtorch)) return TrainerExitCode.Usage;
        if (!options.SendsFiles) _ = LeaveWhenOverAsync(options);
        var host = new TrainerHost(options, token, new TrainerLog(Console.Out), TimeProvider.System);
        var exitCode = await host.RunAsync();
        if (host.IsAbandoned) OwnExecutable.Leave(exitCode);
        return exitCode;
    }

    /// <summary>At once and without a word more: its folder is another attempt's by now.</summary>
    private static async Task LeaveWhenOverAsync(TrainerOptions options)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
        while (await timer.WaitForNextTickAsync())
        {
            if (!AttemptFile.IsOver(options.Folder, options.Attempt)) continue;
            // Even if the log can't be written: two attempts in one folder spoil it.
            new TrainerLog(Console.Out).Write("Another attempt has the run; this one ends.");
            OwnExecutable.Leave(TrainerExitCode.Done);
        }
    }

    private static async Task<bool> TryLoadAsync(string folder)
    {
        try
        {
            new LibtorchFolder(folder).Load();
            await Console.Out.WriteLineAsync($"libtorch is taken from {folder}");
            return true;
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            await Console.Error.WriteLineAsync($"The libtorch in {folder} (setting Dashboard:LibtorchFolder) can't be loaded: {e.Message}");
            return false;
        }
    }
}
