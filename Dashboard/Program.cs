using Dashboard;
using Dashboard.Access;
using Dashboard.Api;
using Dashboard.Datasets;
using Dashboard.Dispatch;
using Dashboard.Machines;
using Dashboard.Pages;
using Dashboard.Peers;
using Dashboard.Processes;
using Dashboard.Runs;
using Dashboard.Storage;
using Dashboard.Terminal;
using Dashboard.Terminal.Settings;
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
        .AddAccess()
        .AddDatasets()
        .AddMachines()
        .AddRuns()
        .AddPeers()
        .AddDispatch()
        .AddApi()
        .AddPages();

    var app = builder.Build();
    app.UseDashboard();
    app.MapDispatch();
    app.MapApi();
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
