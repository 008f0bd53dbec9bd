using System.Buffers;
using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Dashboard.Terminal.Benchmarks;

/// <summary>
/// A page of <see cref="Chromium"/>, driven over the DevTools protocol (https://chromedevtools.github.io/devtools-protocol/). Thread-safe.
/// </summary>
internal sealed class BrowserPage : IAsyncDisposable
{
    private readonly ClientWebSocket _socket = new();
    private readonly ConcurrentDictionary<int, TaskCompletionSource<JsonElement>> _asked = new();
    private readonly SemaphoreSlim _sending = new(1);
    private Task _receiving = Task.CompletedTask;
    private int _last;

    private BrowserPage()
    {
    }

    /// <param name="address">ws://…, as the browser gives it.</param>
    public static async Task<BrowserPage> ConnectAsync(Uri address, CancellationToken cancellationToken)
    {
        var page = new BrowserPage();
        await page._socket.ConnectAsync(address, cancellationToken);
        page._receiving = page.ReceiveAsync();
        return page;
    }

    public Task GoAsync(Uri address, CancellationToken cancellationToken) =>
        AskAsync("Page.navigate", new JsonObject { ["url"] = address.ToString() }, cancellationToken);

    /// <summary>The value of an expression; of a promise, what it comes to.</summary>
    public async Task<T> EvaluateAsync<T>(string expression, CancellationToken cancellationToken)
    {
        var answer = await AskAsync(
            "Runtime.evaluate", new JsonObject { ["expression"] = expression, ["awaitPromise"] = true, ["returnByValue"] = true },
            cancellationToken);
        if (answer.TryGetProperty("exceptionDetails", out var failure))
            throw new InvalidOperationException($"The page's script failed: {failure}");
        return answer.GetProperty("result").TryGetProperty("value", out var value) ? value.Deserialize<T>()! : default!;
    }

    /// <exception cref="InvalidOperationException">The browser refuses, or is gone.</exception>
    public async Task<JsonElement> AskAsync(string method, JsonObject parameters, CancellationToken cancellationToken)
    {
        var id = Interlocked.Increment(ref _last);
        var answer = new TaskCompletionSource<JsonElement>(TaskCreationOptions.RunContinuationsAsynchronously);
        _asked[id] = answer;
        var message = JsonSerializer.SerializeToUtf8Bytes(new JsonObject { ["id"] = id, ["method"] = method, ["params"] = parameters });
        await _sending.WaitAsync(cancellationToken);
        try
        {
            await _socket.SendAsync(message, WebSocketMessageType.Text, endOfMessage: true, cancellationToken);
        }
        finally
        {
            _sending.Release();
        }
        return await answer.Task.WaitAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        _socket.Abort();
        await _receiving;
        _socket.Dispose();
        _sending.Dispose();
    }

    private async Task ReceiveAsync()
    {
        try
        {
            var message = new ArrayBufferWriter<byte>();
            while (true)
            {
                var part = await _socket.ReceiveAsync(message.GetMemory(16 * 1024), CancellationToken.None);
                if (part.MessageType == WebSocketMessageType.Close) break;
                message.Advance(part.Count);
                if (!part.EndOfMessage) continue;
                Answer(JsonSerializer.Deserialize<JsonElement>(message.WrittenSpan));
                message.ResetWrittenCount();
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or ObjectDisposedException)
        {
            // Closed from either side.
        }
        foreach (var asked in _asked.Values) asked.TrySetException(new InvalidOperationException("The browser is gone."));
    }

    private void Answer(JsonElement message)
    {
        // Without an id it is news, which nobody asked for.
        if (!message.TryGetProperty("id", out var id) || !_asked.TryRemove(id.GetInt32(), out var asked)) return;
        if (message.TryGetProperty("error", out var error))
            asked.TrySetException(new InvalidOperationException($"The browser refuses: {error}"));
        else asked.TrySetResult(message.GetProperty("result"));
    }
}
