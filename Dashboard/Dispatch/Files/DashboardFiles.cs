using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Dashboard.Dispatch.Agent;
using Dashboard.Protocol;
using Dashboard.Runs;
using Dashboard.Storage.Files;

namespace Dashboard.Dispatch.Files;

/// <summary>
/// Asks the dashboard for files of an attempt. What another try won't change is said at once; a network or a dashboard in trouble is tried
/// again, for <see cref="TransferTrouble.GiveUpAfter"/> at most. Thread-safe.
/// </summary>
internal sealed partial class DashboardFiles(AgentOptions agent, TimeProvider time, ILogger<DashboardFiles> logger) : IDisposable
{
    /// <summary>Who is silent for so long in the middle of a file has forgotten us.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(60);

    /// <summary>Pages are told at most for so long; when they can't be, the transfer is what counts.</summary>
    private static readonly TimeSpan TellPatience = TimeSpan.FromSeconds(5);

    // A dashboard hashes one image at most before it answers, and waits for nothing.
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromMinutes(2) };

    /// <summary>Does the work, again while it fails of network or dashboard.</summary>
    /// <param name="tell">Gets a sentence for people while the dashboard answers, but not as it should.</param>
    /// <exception cref="FetchException">It can't be had; the message says why.</exception>
    /// <exception cref="StaleAttemptException">The attempt is over.</exception>
    public Task<T> TryAsync<T>(
        Func<Task<T>> work, TransferTrouble trouble, Func<string, Task> tell, CancellationToken cancellationToken) =>
        trouble.TryAsync(work, async setback =>
        {
            var words = $"{Words(setback)}. It is asked again and again";
            LogAgain(words);
            if (HasAnswered(setback)) await TellAsync(tell, words, cancellationToken);
        }, setback => new FetchException($"{Words(setback)}. It was asked again for {TransferTrouble.GiveUpAfter.TotalMinutes:0} minutes; "
            + "see the dashboard's log.", setback.Cause), cancellationToken);

    /// <summary>An answer whose body is yet to be read.</summary>
    /// <param name="what">Below the attempt's address.</param>
    /// <param name="from">The first byte; with one beyond the end the answer is
    /// <see cref="HttpStatusCode.RequestedRangeNotSatisfiable"/>.</param>
    public async Task<HttpResponseMessage> GetAsync(Assignment assignment, string what, long from, CancellationToken cancellationToken)
    {
        var path = string.Create(CultureInfo.InvariantCulture,
            $"{MachineFiles.Prefix}/runs/{assignment.RunId}/attempts/{assignment.Attempt}/{what}");
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(agent.Server, path));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", agent.Key);
        if (from > 0) request.Headers.Range = new RangeHeaderValue(from, null);
        var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (response.IsSuccessStatusCode || from > 0 && response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable) return response;
        using (response) throw Refusal(what, response.StatusCode, Short(await response.Content.ReadAsStringAsync(cancellationToken)));
    }

    /// <summary>Writes an answer's body to where it belongs in the file.</summary>
    /// <remarks>Silence is measured by the clock of this computer, as the client measures its own.</remarks>
    public static Task TakeAsync(HttpResponseMessage response, HeldPart part, CancellationToken cancellationToken) =>
        part.TakeAsync(response, Silence, TimeProvider.System, null, cancellationToken);

    public void Dispose() => _http.Dispose();

    private static bool HasAnswered(TransferSetback setback) => setback.Cause is HttpRequestException { StatusCode: not null };

    private string Words(TransferSetback setback)
    {
        var words = (HasAnswered(setback) ? "" : "The dashboard can't be reached: ") + setback.Cause.Message.TrimEnd('.');
        return string.Create(CultureInfo.InvariantCulture,
            $"{words}, since {TimeZoneInfo.ConvertTime(setback.Since, time.LocalTimeZone):HH:mm:ss}");
    }

    internal static Exception Refusal(string what, HttpStatusCode status, string words) => (int)status switch
    {
        409 => new StaleAttemptException(words),
        401 or 403 => new FetchException($"The dashboard doesn't let this machine have {what} ({(int)status}): {words} If it was removed, "
            + "join it again with a new token of the Machines page."),
        404 or 410 => new FetchException(
            $"The dashboard doesn't have what the run needs, {what} ({(int)status}): {words}") { IsFinal = true },
        _ when TransferFailure.IsPassing(status) =>
            new HttpRequestException($"The dashboard answers {(int)status} when asked for {what}: {words}", null, status),
        _ => new FetchException($"The dashboard refuses {what} ({(int)status}): {words}"),
    };

    private static async Task TellAsync(Func<string, Task> tell, string words, CancellationToken cancellationToken)
    {
        try
        {
            await tell(words).WaitAsync(TellPatience, cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested && e is not FetchException)
        {
            // Whoever can't be told is in the same trouble.
        }
    }

    private static string Short(string words) => words.Length <= 300 ? words : words[..300] + " …";

    [LoggerMessage(LogLevel.Warning, "A transfer broke off and goes on in a moment. {Words}")]
    private partial void LogAgain(string words);
}
