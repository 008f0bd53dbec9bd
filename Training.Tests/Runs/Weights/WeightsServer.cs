using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Training.Tests.Runs.Weights;

/// <summary>A file server on a port of this computer that does what it is told: breaks off, ignores ranges, changes its file.</summary>
internal sealed class WeightsServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private WeightsServer(WebApplication app) => _app = app;

    public byte[] Content { get; set; } = RandomNumberGenerator.GetBytes(300_000);

    public string ETag { get; set; } = "\"first\"";

    public bool TakesRanges { get; set; } = true;

    /// <summary>After so many bytes of an answer the connection breaks; taken in turn, then never again.</summary>
    public Queue<int> BreakAfter { get; } = [];

    /// <summary>Answers without content, taken in turn before any other.</summary>
    public Queue<int> StatusCodes { get; } = [];

    /// <summary>Waits before the last byte, until this is completed.</summary>
    public TaskCompletionSource? Gate { get; set; }

    /// <summary>The Range header of every request; "" for none.</summary>
    public List<string> Ranges { get; } = [];

    public string Url => _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();

    public string Hash => Convert.ToHexStringLower(SHA256.HashData(Content));

    public static async Task<WeightsServer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var server = new WeightsServer(builder.Build());
        server._app.Run(server.AnswerAsync);
        await server._app.StartAsync();
        return server;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        var range = context.Request.GetTypedHeaders().Range;
        lock (Ranges) Ranges.Add(context.Request.Headers.Range.ToString());
        if (StatusCodes.TryDequeue(out var status))
        {
            context.Response.StatusCode = status;
            return;
        }
        var from = TakesRanges && range is not null && context.Request.Headers.IfRange == ETag ? (int)range.Ranges.Single().From! : 0;
        context.Response.Headers.ETag = ETag;
        if (from >= Content.Length && from > 0)
        {
            context.Response.StatusCode = 416;
            return;
        }
        if (from > 0)
        {
            context.Response.StatusCode = 206;
            context.Response.Headers.ContentRange = $"bytes {from}-{Content.Length - 1}/{Content.Length}";
        }
        context.Response.ContentLength = Content.Length - from;
        await WriteAsync(context, Content.AsMemory(from));
    }

    private async Task WriteAsync(HttpContext context, ReadOnlyMemory<byte> rest)
    {
        if (BreakAfter.TryDequeue(out var count))
        {
            await context.Response.Body.WriteAsync(rest[..count]);
            await context.Response.Body.FlushAsync();
            // What was flushed has to arrive before the connection is reset.
            await Task.Delay(200);
            context.Abort();
            return;
        }
        await context.Response.Body.WriteAsync(rest[..^1]);
        await context.Response.Body.FlushAsync();
        if (Gate is { } gate) await gate.Task.WaitAsync(context.RequestAborted);
        await context.Response.Body.WriteAsync(rest[^1..]);
    }
}
