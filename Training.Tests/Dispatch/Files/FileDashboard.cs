using System.Collections.Concurrent;
using System.Security.Cryptography;
using Dashboard.Dispatch.Files;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Training.Core.Data;
using Training.Tests.TestKit;

namespace Training.Tests.Dispatch.Files;

/// <summary>The side of a dashboard that gives files to machines, on a port of this computer, which answers as it is told.</summary>
internal sealed class FileDashboard : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly TemporaryFolder _folder = new();
    private readonly Dictionary<string, byte[]> _images = [];

    private FileDashboard(WebApplication app) => _app = app;

    public Uri Url => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());

    /// <summary>How often each thing was asked for.</summary>
    public ConcurrentDictionary<string, int> Asked { get; } = [];

    /// <summary>By what is asked for and the how manieth time it is: another answer than the file; null: the file.</summary>
    public Func<string, int, int?> Status { get; set; } = (_, _) => null;

    /// <summary>What files of the images hold now, by what they held when they were scanned.</summary>
    public Dictionary<string, byte[]> Changed { get; } = [];

    /// <summary>Images wait for it.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    public IReadOnlyCollection<string> Images => _images.Keys;

    public static async Task<FileDashboard> StartAsync(int images)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var dashboard = new FileDashboard(builder.Build());
        var random = new Random(1);
        for (var i = 0; i < images; i++)
        {
            var content = new byte[1000 + i];
            random.NextBytes(content);
            dashboard._images[Convert.ToHexStringLower(SHA256.HashData(content))] = content;
        }
        dashboard.WriteManifest();
        dashboard._app.Run(dashboard.AnswerAsync);
        await dashboard._app.StartAsync();
        return dashboard;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _folder.Dispose();
    }

    private void WriteManifest()
    {
        var samples = _images.Select((image, i) =>
            new Sample(i, $"cat/{i}.jpg", i % 2, Split.Train) { Sha256 = image.Key, Bytes = image.Value.Length }).ToList();
        new DatasetManifest("photos", "/on/the/dashboard", ["cat", "dog"], samples).Save(_folder.In("samples.json"));
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var what = context.Request.Path.Value![MachineFiles.Prefix.Length..].Split('/', 6)[^1];
        var time = Asked.AddOrUpdate(what, 1, (_, before) => before + 1);
        if (Status(what, time) is { } status)
        {
            context.Response.StatusCode = status;
            await context.Response.WriteAsync("as the test says");
            return;
        }
        switch (what)
        {
            case "files": await context.Response.WriteAsJsonAsync(new[] { "samples.json" }); break;
            case "files/samples.json": await context.Response.SendFileAsync(_folder.In("samples.json")); break;
            case "weights": context.Response.StatusCode = StatusCodes.Status204NoContent; break;
            default:
                await Gate.WaitAsync(context.RequestAborted);
                var image = what["images/".Length..];
                var content = Changed.GetValueOrDefault(image) ?? _images[image];
                context.Response.Headers[MachineFiles.HashHeader] = Convert.ToHexStringLower(SHA256.HashData(content));
                await context.Response.Body.WriteAsync(content);
                break;
        }
    }
}
