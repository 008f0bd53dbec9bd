using Dashboard;
using Dashboard.Datasets;
using Dashboard.Layout;
using Dashboard.Live;
using Dashboard.Machines;
using Dashboard.Predictions;
using Dashboard.Runs;
using Dashboard.Storage;
using Dashboard.Terminal;
using Dashboard.Trainers;

if (Verbs.Handles(args)) return await Verbs.RunAsync(args);

var builder = WebApplication.CreateBuilder(args);
builder.AddDashboard();
builder.Services
    .AddStorage()
    .AddDatasets()
    .AddRuns()
    .AddPredictions()
    .AddMachines()
    .AddLive()
    .AddTrainers()
    .AddPages();

var app = builder.Build();
app.UseDashboard();
app.MapDatasets();
app.MapRuns();
app.MapPredictions();
app.MapMachines();
app.MapLive();
app.MapPages();
return await app.ServeAsync();

/// <summary>Visible for tests that run the real app in memory.</summary>
public partial class Program;
