using System.Net;
using System.Net.Http.Headers;
using Dashboard.Processes;
using Dashboard.Runs.Words;
using Dashboard.Storage;
using Dashboard.Storage.Files;

namespace Dashboard.Runs.Weights;

/// <summary>
/// Fetches one file: goes on where an earlier try broke off if the server still has the same file, tries again with growing pauses while
/// the connection breaks, and gives the file its name only when its checksum is right.
/// </summary>
public sealed class WeightsDownload(HttpClient http, TimeProvider time)
{
    private const int Tries = 5;
    private const int BufferBytes = 1 << 17;

    /// <summary>A server that is silent for so long has forgotten us.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Before the second try; doubled before each further one without progress.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Free bytes of the disk that holds a folder.</summary>
    public Func<string, long> FreeSpace { get; init; } = folder => new DriveInfo(Path.GetFullPath(folder)).AvailableFreeSpace;

    /// <param name="report">Called often, on any thread.</param>
    /// <exception cref="DownloadException">It can't be fetched; the message says why and what to do.</exception>
    /// <exception cref="OperationCanceledException">What has come so far stays, for the next time.</exception>
    public async Task RunAsync(WeightsFile file, Action<DownloadProgress> report, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(report);
        try
        {
            await new PartFile(file.Whole, time).BringAsync(() => File.Exists(file.Whole), async (part, bringing) =>
            {
                // Everything may have come before the last process ended.
                if (part.Length == 0
                    || !(await WeightsFile.HashAsync(part, bringing)).StartsWith(file.Sha256Prefix, StringComparison.Ordinal))
                    await FetchAsync(file, part, report, bringing);
                await VerifyAsync(file, part, report, bringing);
            }, cancellationToken, () =>
                report(new DownloadProgress(file.PartLength, null, WeightsWords.AnotherProgramDownloads)));
            file.Finish();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException
            && StorageException.Explain(exception, WeightsWords.Folder(file.Folder)) is { } explained)
        {
            throw new DownloadException(explained.Message, exception);
        }
    }

    private async Task FetchAsync(WeightsFile file, FileStream part, Action<DownloadProgress> report, CancellationToken cancellationToken)
    {
        var pause = FirstPause;
        for (var tries = 1; ; tries++)
        {
            var before = part.Length;
            try
            {
                await TransferAsync(file, part, report, cancellationToken);
                return;
            }
            catch (BrokenConnection broken)
            {
                // One that gets on, however slowly, is not given up.
                if (part.Length > before) (tries, pause) = (1, FirstPause);
                if (tries >= Tries) throw new DownloadException(GiveUp(file, part.Length, broken), broken);
                report(new DownloadProgress(part.Length, null, WeightsWords.TriesAgain(broken.Message, pause)));
                await Task.Delay(pause, time, cancellationToken);
                pause *= 2;
            }
        }
    }

    private async Task TransferAsync(
        WeightsFile file, FileStream part, Action<DownloadProgress> report, CancellationToken cancellationToken)
    {
        using var response = await AskAsync(file, part, cancellationToken);
        var offset = part.Length;
        var range = response.StatusCode == HttpStatusCode.PartialContent ? response.Content.Headers.ContentRange : null;
        if (range is null || range.From != offset)
        {
            // A server that ignores ranges, or that has another file now, sends all of it.
            file.Begin(part, response);
            if (response.StatusCode != HttpStatusCode.OK) throw new BrokenConnection(WeightsWords.OtherPartCame);
            offset = 0;
        }
        var total = range?.Length ?? response.Content.Headers.ContentLength;
        if (total - offset > FreeSpace(file.Folder))
            throw new DownloadException(
                WeightsWords.NoRoom(file.Folder, FreeSpace(file.Folder), file.Name, total!.Value - offset));
        await using var source = await response.Content.ReadAsStreamAsync(cancellationToken);
        part.Seek(0, SeekOrigin.End);
        var buffer = new byte[BufferBytes];
        for (var done = offset; ;)
        {
            var read = await ReadAsync(source, buffer, cancellationToken);
            if (read == 0) break;
            await part.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            done += read;
            report(new DownloadProgress(done, total, ""));
        }
        part.Flush(flushToDisk: true);
        if (total is { } expected && part.Length < expected) throw new BrokenConnection(WeightsWords.ConnectionBroke);
    }

    private async Task<HttpResponseMessage> AskAsync(WeightsFile file, FileStream part, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, file.From);
        if (part.Length > 0 && file.Condition is { } condition)
        {
            request.Headers.Range = new RangeHeaderValue(part.Length, null);
            request.Headers.IfRange = condition;
        }
        var response = await SendAsync(request, file, cancellationToken);
        if (response.StatusCode is HttpStatusCode.OK or HttpStatusCode.PartialContent) return response;
        using (response)
        {
            if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
            {
                file.Forget(part);
                throw new BrokenConnection(WeightsWords.FileIsShorterThere);
            }
            var code = (int)response.StatusCode;
            var answer = WeightsWords.ServerAnswered(file.From.Host, code, response.ReasonPhrase);
            if (code is 408 or 429 or >= 500) throw new BrokenConnection(answer);
            throw new DownloadException(code == 404
                ? WeightsWords.NotThere(file.From, file.Name, file.Folder)
                : WeightsWords.RefusedByServer(answer, file.Name, file.Folder));
        }
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, WeightsFile file, CancellationToken cancellationToken)
    {
        try
        {
            return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken)
                .WaitAsync(Patience, time, cancellationToken);
        }
        catch (HttpRequestException exception) when (exception.HttpRequestError == HttpRequestError.NameResolutionError)
        {
            throw new DownloadException(WeightsWords.HostNotFound(file.From, file.Name, file.Folder), exception);
        }
        catch (Exception exception) when (exception is HttpRequestException or TimeoutException)
        {
            throw new BrokenConnection(WeightsWords.HostNotReached(file.From), exception);
        }
    }

    private async Task<int> ReadAsync(Stream source, byte[] buffer, CancellationToken cancellationToken)
    {
        try
        {
            return await source.ReadAsync(buffer, cancellationToken).AsTask().WaitAsync(Patience, time, cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or HttpRequestException or TimeoutException)
        {
            throw new BrokenConnection(WeightsWords.ConnectionBroke, exception);
        }
    }

    private static async Task VerifyAsync(
        WeightsFile file, FileStream part, Action<DownloadProgress> report, CancellationToken cancellationToken)
    {
        report(new DownloadProgress(part.Length, part.Length, WeightsWords.IsChecked));
        var hash = await WeightsFile.HashAsync(part, cancellationToken);
        if (hash.StartsWith(file.Sha256Prefix, StringComparison.Ordinal)) return;
        file.Forget(part);
        throw new DownloadException(WeightsWords.OtherFileCame(
            file.From, file.Name, hash[..file.Sha256Prefix.Length], file.Sha256Prefix, file.Folder));
    }

    private static string GiveUp(WeightsFile file, long here, BrokenConnection broken) => here > 0
        ? WeightsWords.GaveUpWithPart(broken.Message, Tries, here)
        : WeightsWords.GaveUp(broken.Message, Tries, file.Name, file.Folder, file.From);

    /// <summary>Another try may help.</summary>
    private sealed class BrokenConnection(string message, Exception? inner = null) : Exception(message, inner);
}

/// <param name="Done">Bytes that are here.</param>
/// <param name="Total">Bytes of the whole file; null while the server hasn't said.</param>
/// <param name="Words">What it waits for; empty while bytes come.</param>
public sealed record DownloadProgress(long Done, long? Total, string Words)
{
    public static DownloadProgress None { get; } = new(0, null, "");
}

/// <summary>A file that can't be fetched; the message says why and what to do.</summary>
public sealed class DownloadException(string message, Exception? inner = null) : RefusalException(message, inner);
