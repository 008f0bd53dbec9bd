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

    /// <summary>A server that is silent for so long has forgotten us.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(30);

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
            await new PartFile(file.Whole, time).BringAsync(file.Sha256Prefix, async (part, bringing) =>
            {
                await FetchAsync(file, part, report, bringing);
                report(new DownloadProgress(part.Length, part.Length, WeightsWords.IsChecked));
            }, hash => Other(file, hash), cancellationToken, () => report(new DownloadProgress(file.PartLength, null,
                WeightsWords.AnotherProgramDownloads)));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException
            && StorageException.Explain(exception, WeightsWords.Folder(file.Folder)) is { } explained)
        {
            throw new DownloadException(explained.Message, exception);
        }
    }

    private async Task FetchAsync(WeightsFile file, HeldPart part, Action<DownloadProgress> report, CancellationToken cancellationToken)
    {
        var trouble = new TransferTrouble(time) { FirstPause = FirstPause, Longest = Timeout.InfiniteTimeSpan, MostTries = Tries };
        await trouble.TryAsync(async () =>
        {
            var before = part.Length;
            try
            {
                await TransferAsync(file, part, report, cancellationToken);
                return true;
            }
            catch (BrokenTransferException)
            {
                // One that gets on, however slowly, is not given up.
                if (part.Length > before) trouble.Passed();
                throw;
            }
        }, setback =>
        {
            report(new DownloadProgress(part.Length, null, WeightsWords.TriesAgain(setback.Cause.Message, setback.Pause)));
            return Task.CompletedTask;
        }, setback => new DownloadException(GiveUp(file, part.Length, setback.Cause), setback.Cause), cancellationToken);
    }

    private async Task TransferAsync(
        WeightsFile file, HeldPart part, Action<DownloadProgress> report, CancellationToken cancellationToken)
    {
        using var response = await AskAsync(file, part, cancellationToken);
        part.Fit(response);
        if (part.Length == 0) part.KeepVersion(response);
        if (part.Total - part.Length > FreeSpace(file.Folder))
            throw new DownloadException(
                WeightsWords.NoRoom(file.Folder, FreeSpace(file.Folder), file.Name, part.Total!.Value - part.Length));
        await part.TakeAsync(response, Silence, time, done => report(new DownloadProgress(done, part.Total, "")), cancellationToken);
        part.Content.Flush(flushToDisk: true);
    }

    private async Task<HttpResponseMessage> AskAsync(WeightsFile file, HeldPart part, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, file.From);
        if (part.Length > 0 && part.Version is { } version)
        {
            request.Headers.Range = new RangeHeaderValue(part.Length, null);
            request.Headers.IfRange = version;
        }
        var response = await SendAsync(request, file, cancellationToken);
        if (response.StatusCode is HttpStatusCode.OK or HttpStatusCode.PartialContent or HttpStatusCode.RequestedRangeNotSatisfiable)
            return response;
        using (response)
        {
            var code = (int)response.StatusCode;
            var answer = WeightsWords.ServerAnswered(file.From.Host, code, response.ReasonPhrase);
            if (TransferFailure.IsPassing(response.StatusCode))
                throw new BrokenTransferException(answer, status: response.StatusCode);
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
                .WaitAsync(Silence, time, cancellationToken);
        }
        catch (HttpRequestException exception) when (exception.HttpRequestError == HttpRequestError.NameResolutionError)
        {
            throw new DownloadException(WeightsWords.HostNotFound(file.From, file.Name, file.Folder), exception);
        }
        catch (Exception exception) when (exception is HttpRequestException or TimeoutException)
        {
            throw new BrokenTransferException(WeightsWords.HostNotReached(file.From), exception);
        }
    }

    private static DownloadException Other(WeightsFile file, string hash) => new(WeightsWords.OtherFileCame(
        file.From, file.Name, hash[..file.Sha256Prefix.Length], file.Sha256Prefix, file.Folder));

    private static string GiveUp(WeightsFile file, long here, Exception broken) => here > 0
        ? WeightsWords.GaveUpWithPart(broken.Message, Tries, here)
        : WeightsWords.GaveUp(broken.Message, Tries, file.Name, file.Folder, file.From);
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
