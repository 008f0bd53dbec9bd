using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using Dashboard.Dispatch.Words;
using Dashboard.Runs;
using Training.Core.Runs;

namespace Dashboard.Dispatch.Files;

/// <summary>
/// Sends the files of an attempt to the dashboard as they are made, so that any machine can take the run over. Each file replaces its
/// predecessor there in one step. Thread-safe.
/// </summary>
internal sealed class RunFilesSender(Func<Uri> server, string secret, RunFolder folder, int runId, int attempt) : IDisposable
{
    private readonly HttpClient _http = new() { Timeout = Timeout.InfiniteTimeSpan };
    private readonly ConcurrentDictionary<string, (long Length, DateTime ChangedAt)> _sent = new();

    /// <summary>Sends what has changed since it was last sent.</summary>
    /// <exception cref="StaleAttemptException">The attempt is over.</exception>
    /// <exception cref="HttpRequestException">The dashboard can't be reached, or refuses; the message has its words.</exception>
    public async Task SendAsync(CancellationToken cancellationToken)
    {
        foreach (var name in RunFileNames.ToSend(folder)) await SendAsync(name, cancellationToken);
    }

    /// <summary>
    /// Sends what an epoch's network said of the validation images: small, and looked at as soon as the epoch is told of.
    /// </summary>
    public Task SendPredictionsAsync(int epoch, CancellationToken cancellationToken)
    {
        var path = folder.Predictions(epoch);
        return File.Exists(path) ? SendAsync(RunFileNames.NameOf(folder, path), cancellationToken) : Task.CompletedTask;
    }

    /// <summary>
    /// Like <see cref="SendAsync(CancellationToken)"/>; a run that is complete has no checkpoint any more, there as here.
    /// </summary>
    public async Task SendLastAsync(Ended ended, CancellationToken cancellationToken)
    {
        foreach (var name in RunFileNames.ToSend(folder))
            if (ended.Outcome != RunOutcome.Completed || name != RunFileNames.NameOf(folder, folder.Checkpoint))
                await SendAsync(name, cancellationToken);
        if (ended.Outcome != RunOutcome.Completed) return;
        using var response = await _http.SendAsync(Request(HttpMethod.Delete, "checkpoint"), cancellationToken);
        await CheckAsync(response, cancellationToken);
    }

    public void Dispose() => _http.Dispose();

    private async Task SendAsync(string name, CancellationToken cancellationToken)
    {
        FileStream file;
        try
        {
            // Whoever writes it renames a new file over it: what is open here stays whole.
            file = new FileStream(RunFileNames.PathOf(folder, name), FileMode.Open, FileAccess.Read,
                FileShare.ReadWrite | FileShare.Delete);
        }
        catch (FileNotFoundException)
        {
            return; // gone meanwhile
        }
        await using (file)
        {
            var length = file.Length;
            var state = (length, File.GetLastWriteTimeUtc(file.SafeFileHandle));
            if (_sent.GetValueOrDefault(name) == state) return;
            // A log grows while it is read: what was there at first is what counts.
            var hash = await HashAsync(file, length, cancellationToken);
            file.Position = 0;
            using var request = Request(HttpMethod.Put, $"files/{name}");
            request.Headers.Add(MachineFiles.HashHeader, hash);
            request.Content = new StreamContent(new FirstBytes(file, length));
            request.Content.Headers.ContentLength = length;
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            await CheckAsync(response, cancellationToken);
            _sent[name] = state;
        }
    }

    private HttpRequestMessage Request(HttpMethod method, string what)
    {
        var path = string.Create(CultureInfo.InvariantCulture, $"{MachineFiles.Prefix}/runs/{runId}/attempts/{attempt}/{what}");
        return new HttpRequestMessage(method,
            new Uri(server(), path)) { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", secret) } };
    }

    private static async Task<string> HashAsync(FileStream file, long length, CancellationToken cancellationToken)
    {
        using var first = new FirstBytes(file, length);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(first, cancellationToken));
    }

    private static async Task CheckAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.IsSuccessStatusCode) return;
        var words = await response.Content.ReadAsStringAsync(cancellationToken);
        if (response.StatusCode == HttpStatusCode.Conflict) throw new StaleAttemptException(HubWords.Stale(words));
        throw new HttpRequestException(
            TransferWords.AnsweredWith(response.RequestMessage?.RequestUri?.AbsolutePath, (int)response.StatusCode, words), null,
            response.StatusCode);
    }

    /// <summary>The beginning of a file that may grow.</summary>
    private sealed class FirstBytes(FileStream file, long bytes) : Stream
    {
        private long _read;

        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => bytes;

        public override long Position
        {
            get => _read;
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count) =>
            Count(file.Read(buffer, offset, (int)Math.Min(count, bytes - _read)));

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            Count(await file.ReadAsync(buffer[..(int)Math.Min(buffer.Length, bytes - _read)], cancellationToken));

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        private int Count(int read)
        {
            _read += read;
            return read;
        }
    }
}
