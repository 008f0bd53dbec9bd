using Dashboard;
using Dashboard.Accounts;
using Dashboard.Backbones;
using Dashboard.Clusters;
using Dashboard.Contact;
using Dashboard.Datasets;
using Dashboard.Doors;
using Dashboard.Layout;
using Dashboard.Live;
using Dashboard.Machines;
using Dashboard.Outages;
using Dashboard.Peers;
using Dashboard.Predictions;
using Dashboard.RateSearch;
using Dashboard.Runs;
using Dashboard.Sessions;
using Dashboard.Settings;
using Dashboard.Storage;
using Dashboard.Terminal;
using Dashboard.Trainers;
using Dashboard.TryIt;

OwnComputer.ReachDirectly();
if (Verbs.Handles(args)) return await Verbs.RunAsync(args);

try
{
    CommandLineCheck.Require(args);
    // Settings lie beside the program, wherever it is started from.
    var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
    builder.AddDashboard();
    builder.Services
        .AddStorage()
        .AddOutages()
        .AddAccounts()
        .AddDoors()
        .AddDatasets()
        .AddBackbones()
        .AddRuns()
        .AddPredictions()
        .AddMachines()
        .AddRateSearch()
        .AddLive()
        .AddPeers()
        .AddTrainers()
        .AddClusters()
        .AddTryIt()
        .AddPages();

    var app = builder.Build();
    app.UseDashboard();
    app.MapSessions();
    app.MapDatasets();
    app.MapTryIt();
    app.MapBackbones();
    app.MapRuns();
    app.MapPredictions();
    app.MapMachines();
    app.MapClusters();
    app.MapLive();
    app.MapPages();
    return await app.ServeAsync();
}
catch (Exception exception) when (StartProblem.Explain(exception) is { } words)
{
    await Console.Error.WriteLineAsync(words);
    return ExitCode.BadInput;
}

/// <summary>Visible for tests that run the real app in memory.</summary>
public partial class Program;
