using System.CommandLine;
using Dashboard.Dispatch;
using Dashboard.Dispatch.Agent;
using Dashboard.Dispatch.Files;
using Dashboard.Dispatch.Trainers;
using Dashboard.Machines.Devices;
using Dashboard.Processes;
using Dashboard.Storage;
using Dashboard.Storage.Files;
using Dashboard.Terminal.Settings;
using Training.Core.Runs;

namespace Dashboard.Terminal;

/// <summary><c>agent --server URL --token T</c>: this machine trains for a dashboard elsewhere, over one outbound connection.</summary>
internal static class AgentVerb
{
    public const string Name = "agent";

    private const long DefaultBlobGigabytes = 50;

    public static Command Create()
    {
        var server = new Option<string>("--server") { Description = "Address of the dashboard, such as https://dashboard.example:5080",
            Required = true };
        var token = new Option<string?>("--token") { Description = "Lets this machine join for the first time; the dashboard's Machines "
            + "page makes one" };
        var name = new Option<string?>("--name") { Description = "What the dashboard shall call this machine; its host name if left out" };
        var data = new Option<string?>("--data-root") { Description = "Folder for runs under way and for images that are kept" };
        var blobs = new Option<long>("--keep-gigabytes") { Description = "Of images that are kept for later runs",
            DefaultValueFactory = _ => DefaultBlobGigabytes };
        var libtorch = new Option<string?>("--libtorch") { Description = "Folder of libtorch 2.10 with CUDA, instead of the built-in one" };
        var command = new Command(Name, "Trains on this machine for a dashboard elsewhere, until Ctrl+C; runs go on without it.") { server,
            token, name, data, blobs, libtorch };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            parsed.GetRequiredValue(server), parsed.GetValue(token), parsed.GetValue(name), parsed.GetValue(data), parsed.GetValue(blobs),
            parsed.GetValue(libtorch), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(
        string address, string? token, string? name, string? dataRoot, long gigabytes, string? libtorch,
        CancellationToken cancellationToken)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out var server) || server.Scheme is not ("http" or "https"))
            return await RefuseAsync($"--server: “{address}” is no address such as https://dashboard.example:5080.");
        var root = Path.GetFullPath(dataRoot ?? DefaultRoot(server));
        Directory.CreateDirectory(root);
        if (name is not null) AtomicFile.WriteText(Path.Combine(root, LocalMachine.NameFile), name.Trim());
        var agent = new AgentOptions(server, token, Path.Combine(root, "machine-key.txt"), gigabytes << 30);
        if (agent.Key is null && token is null)
            return await RefuseAsync("--token is missing: this machine has not joined yet. The Machines page of the dashboard shows the "
                + "whole command.");

        using var host = Build(agent, root, libtorch);
        var link = host.Services.GetRequiredService<DashboardLink>();
        await host.RunAsync(cancellationToken);
        return link.Refusal is null ? ExitCode.Done : ExitCode.BadInput;
    }

    private static IHost Build(AgentOptions agent, string root, string? libtorch)
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            [$"{DashboardOptions.Section}:{nameof(DashboardOptions.DataRoot)}"] = root,
            [$"{DashboardOptions.Section}:{nameof(DashboardOptions.TrainHere)}"] = "true",
            [$"{DashboardOptions.Section}:{nameof(DashboardOptions.LibtorchFolder)}"] = libtorch ?? "",
        });
        builder.Services.AddSettings();
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddBackground();
        builder.Services.AddSingleton(agent);
        builder.Services.AddSingleton<LocalMachine>();
        builder.Services.AddSingleton<MachineSampler>();
        builder.Services.AddSingleton<DashboardLink>();
        builder.Services.AddHostedService(services => services.GetRequiredService<DashboardLink>());
        builder.Services.AddSingleton(new BlobCache(Path.Combine(root, "images"), agent.MostBlobBytes, TimeProvider.System));
        builder.Services.AddSingleton<DashboardFiles>();
        builder.Services.AddSingleton<RunFetch>();
        builder.Services.AddSingleton<IDispatcher, RemoteDispatcher>();
        builder.Services.AddSingleton<TrainerLauncher>();
        builder.Services.AddSingleton<AttemptWatch>();
        builder.Services.AddSingleton<LocalTrainers>();
        builder.Services.AddHostedService<TrainingService>();
        return builder.Build();
    }

    /// <summary>One for each dashboard: their runs have the same numbers.</summary>
    private static string DefaultRoot(Uri server) => Path.Combine(
        Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.Create),
        "FineTuneDashboard", "agents", $"{server.Host}_{server.Port}");

    private static async Task<int> RefuseAsync(string words)
    {
        await Console.Error.WriteLineAsync(words);
        return ExitCode.BadInput;
    }
}
