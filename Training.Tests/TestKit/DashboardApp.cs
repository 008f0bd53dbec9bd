using Dashboard.Dispatch;
using Dashboard.Runs;
using Dashboard.Storage;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Training.Tests.TestKit;

/// <summary>
/// The real dashboard over a data root of its own, without a trainer, the demo dataset and the watch over machines: in memory, or with
/// <see cref="Listening"/> on a free port for browsers and processes.
/// </summary>
public sealed class DashboardApp : WebApplicationFactory<Program>
{
    private TemporaryFolder? _ownRoot;
    private readonly Dictionary<string, string> _settings;
    private readonly Action<IServiceCollection>? _services;

    /// <param name="dataRoot">Such as a former app's, to see what survives a restart; null: a temporary one.</param>
    /// <param name="settings">Such as ("Dashboard:TrainHere", "true").</param>
    /// <param name="services">Changes the services, such as the clock.</param>
    public DashboardApp(
        string? dataRoot = null, IReadOnlyDictionary<string, string>? settings = null, Action<IServiceCollection>? services = null)
    {
        if (dataRoot is null) _ownRoot = new TemporaryFolder();
        _services = services;
        _settings = new Dictionary<string, string>
        {
            ["Dashboard:DataRoot"] = dataRoot ?? _ownRoot!.Path,
            ["Dashboard:TrainHere"] = "false",
            ["Dashboard:DemoDataset"] = "false",
            ["Urls"] = "http://127.0.0.1:0",
            ["Logging:LogLevel:Default"] = "Warning",
            ["Logging:LogLevel:Microsoft.EntityFrameworkCore"] = "Warning",
        };
        foreach (var (key, value) in settings ?? new Dictionary<string, string>()) _settings[key] = value;
    }

    public string DataRoot => _settings["Dashboard:DataRoot"];

    /// <summary>The same app on Kestrel, for a browser; its address is <see cref="Url"/>.</summary>
    /// <param name="port">0: a free one.</param>
    public static DashboardApp Listening(
        int port = 0, string? dataRoot = null, IReadOnlyDictionary<string, string>? settings = null,
        Action<IServiceCollection>? services = null)
    {
        var app = new DashboardApp(dataRoot, settings, services);
        app.UseKestrel(port);
        app.StartServer();
        return app;
    }

    /// <summary>Where a listening app is reached, with a slash at the end.</summary>
    public Uri Url => ClientOptions.BaseAddress;

    public RunStore Runs => Get<RunStore>();

    public T Get<T>() where T : notnull => Services.GetRequiredService<T>();

    public DashboardDb Database() => Get<IDbContextFactory<DashboardDb>>().CreateDbContext();

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        foreach (var (key, value) in _settings) builder.UseSetting(key, value);
        // Nobody answers for the machines of made-up runs: their contact would be lost after seconds.
        builder.ConfigureServices(services =>
            services.Remove(services.Single(service => service.ImplementationType == typeof(ContactWatch))));
        if (_services is not null) builder.ConfigureServices(_services);
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        // The base disposes twice when it is disposed asynchronously.
        if (disposing) Interlocked.Exchange(ref _ownRoot, null)?.Dispose();
    }
}
