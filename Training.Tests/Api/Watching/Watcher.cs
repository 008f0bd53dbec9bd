using System.Threading.Channels;
using Dashboard.Api.Watching;
using Dashboard.Protocol;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Extensions.DependencyInjection;
using Training.Core.Runs;
using Training.Tests.TestKit;

namespace Training.Tests.Api.Watching;

/// <summary>A program outside the dashboard that follows runs over <see cref="ProgressHub"/>.</summary>
internal sealed class Watcher : IAsyncDisposable
{
    private readonly HubConnection _connection;
    private readonly Channel<ProgressBatch> _batches = Channel.CreateUnbounded<ProgressBatch>();

    private Watcher(DashboardApp app)
    {
        _connection = new HubConnectionBuilder()
            .WithUrl(new Uri(app.Url, IProgressHub.Path), HttpTransportType.WebSockets)
            .AddJsonProtocol(json => CoreJson.Apply(json.PayloadSerializerOptions))
            .Build();
        _connection.On<ProgressBatch>(IProgressHub.Message, batch => _batches.Writer.TryWrite(batch));
    }

    public static async Task<Watcher> ConnectAsync(DashboardApp app)
    {
        var watcher = new Watcher(app);
        await watcher._connection.StartAsync();
        return watcher;
    }

    public Task WatchAsync(int runId) => _connection.InvokeAsync(nameof(IProgressHub.Watch), runId);

    public Task UnwatchAsync(int runId) => _connection.InvokeAsync(nameof(IProgressHub.Unwatch), runId);

    public async Task<ProgressBatch> NextAsync() => await _batches.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromMinutes(2));

    /// <summary>Batches up to and with the first that <paramref name="isLast"/>.</summary>
    public async Task<IReadOnlyList<ProgressBatch>> UntilAsync(Predicate<ProgressBatch> isLast)
    {
        List<ProgressBatch> batches = [await NextAsync()];
        while (!isLast(batches[^1])) batches.Add(await NextAsync());
        return batches;
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();
}
