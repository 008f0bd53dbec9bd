using System.CommandLine;
using Dashboard.Dispatch;
using Dashboard.Dispatch.Clusters;
using Dashboard.Terminal.Backups;
using Dashboard.Terminal.Benchmarks;
using Dashboard.Terminal.Output;

namespace Dashboard.Terminal;

/// <summary>The verbs of the terminal; anything else is <c>serve</c>.</summary>
public static class Verbs
{
    private static readonly string[] Names =
        [TrainerVerb.Name, NodeTest.Name, MeasureSpeedVerb.Name, TrainVerb.Name, ResumeVerb.Name, EvaluateVerb.Name, PredictVerb.Name,
            ExportVerb.Name, DemoDataVerb.Name, FindRateVerb.Name, BackupVerb.Name, RestoreVerb.Name, BenchVerb.Name, AgentVerb.Name,
            "help", "--help", "-h", "-?", "--version"];

    /// <summary>
    /// Settings of the host start with a dash or have an equals sign; any other word was meant as a verb, even a misspelt one.
    /// </summary>
    public static bool Handles(string[] args) =>
        args.Length > 0 && (Names.Contains(args[0])
            || !(args[0] == "serve" || args[0].StartsWith('-') || args[0].Contains('=', StringComparison.Ordinal)));

    public static async Task<int> RunAsync(string[] args)
    {
        switch (args[0])
        {
            case TrainerVerb.Name: return await TrainerVerb.RunAsync(args[1..]);
            case NodeTest.Name: return await NodeTest.RunAsync(args[1..]);
            case MeasureSpeedVerb.Name: return await MeasureSpeedVerb.RunAsync(args[1..]);
        }
        var root = new RootCommand("Fine-tune image classifiers. Without a verb it serves the dashboard at http://127.0.0.1:5080.")
        {
            new Command("serve", "Serves the dashboard (also without a verb). --urls http://127.0.0.1:PORT takes another port."),
            TrainVerb.Create(),
            ResumeVerb.Create(),
            EvaluateVerb.Create(),
            PredictVerb.Create(),
            ExportVerb.Create(),
            DemoDataVerb.Create(),
            FindRateVerb.Create(),
            BackupVerb.Create(),
            RestoreVerb.Create(),
            BenchVerb.Create(),
            AgentVerb.Create(),
        };
        var parsed = root.Parse(args[0] == "help" ? ["--help"] : args);
        var settings = new InvocationConfiguration();
        if (args[0] is TrainVerb.Name or ResumeVerb.Name) settings.ProcessTerminationTimeout = Interrupts.Patience;
        return await parsed.InvokeAsync(settings);
    }
}
