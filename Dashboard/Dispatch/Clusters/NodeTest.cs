using System.Text.Json;
using Dashboard.Dispatch.Trainers;
using Dashboard.Dispatch.Words;
using Dashboard.Processes;
using Dashboard.Protocol;
using Training.Core.Devices;
using Training.Core.Runs;

namespace Dashboard.Dispatch.Clusters;

/// <summary>The internal verb <c>node-test</c>: what the test job of a cluster runs on its node.</summary>
internal static class NodeTest
{
    public const string Name = "node-test";
    public const string FolderArgument = "--folder";
    public const string ServerArgument = "--server";
    public const string ResultFile = "result.json";

    /// <param name="args">Without the verb itself.</param>
    public static async Task<int> RunAsync(string[] args)
    {
        var (folder, server) = (Value(FolderArgument), Value(ServerArgument));
        if (folder is null || server is null)
        {
            await Console.Error.WriteLineAsync("The dashboard starts this itself, when it tests a cluster.");
            return TrainerExitCode.Usage;
        }
        var (device, torch) = Torch(Value(TrainerOptions.LibtorchArgument));
        var result = new NodeResult(ProgramVersion.Text, await ReachAsync(new Uri(server)), device, torch);
        AtomicFile.WriteText(Path.Combine(folder, ResultFile), JsonSerializer.Serialize(result, CoreJson.Options));
        return 0;

        string? Value(string name) => Array.IndexOf(args, name) is var at and >= 0 && at + 1 < args.Length ? args[at + 1] : null;
    }

    /// <returns>Why the dashboard can't be reached; empty when it can.</returns>
    private static async Task<string> ReachAsync(Uri server)
    {
        try
        {
            // As trainers reach it.
            await using var hub = HubClient.To(server, MachineProtocol.Path);
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
            await hub.StartAsync(patience.Token);
            return "";
        }
        catch (Exception e)
        {
            return e is OperationCanceledException ? ClusterWords.NotAnsweredInTime : e.Message;
        }
    }

    private static (string Device, string Problem) Torch(string? libtorch)
    {
        try
        {
            if (libtorch is not null) new LibtorchFolder(libtorch).Load();
            return (ComputeDevice.Choose(PrecisionKind.Fp32).Name, "");
        }
        catch (Exception e)
        {
            // Whatever a native library says, people have to read it.
            return ("", (e.InnerException ?? e).Message);
        }
    }
}

/// <summary>What a node told of itself.</summary>
/// <param name="ServerProblem">Why the dashboard can't be reached from there; empty when it can.</param>
/// <param name="TorchProblem">Why libtorch can't be loaded there; empty when it can.</param>
internal sealed record NodeResult(string Version, string ServerProblem, string Device, string TorchProblem);
