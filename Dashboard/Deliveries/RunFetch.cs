using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Dashboard.Agents;
using Dashboard.Devices;
using Dashboard.Dispatch;
using Dashboard.Runs;
using Microsoft.Extensions.Options;
using Training.Core.Data;
using Training.Core.Runs;

namespace Dashboard.Deliveries;

/// <summary>Brings what an attempt reads onto this machine: its files, the images that are not here yet, pretrained weights.</summary>
internal sealed partial class RunFetch(
    AgentOptions agent, LocalMachine machine, IOptions<DashboardOptions> options, BlobCache blobs, TimeProvider time, ILogger<RunFetch> logger) : IDisposable
{
    /// <summary>Small files wait for the network more than they use it.</summary>
    private const int AtOnce = 6;
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(2);

    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromMinutes(10) };

    /// <param name="tell">Called now and then with a sentence and how far it is, 0–1.</param>
    /// <remarks>While the disk here is full it waits: what has come so far stays.</remarks>
    /// <exception cref="FetchException">Something is missing there, or can't be written here.</exception>
    /// <exception cref="StaleAttemptException">The attempt is over.</exception>
    public async Task FetchAsync(Assignment assignment, Func<string, double, Task> tell, CancellationToken stop)
    {
        var folder = options.Value.RunFolder(assignment.RunId);
        try
        {
            RemoveOld();
            Directory.CreateDirectory(folder.Path);
            while (!await TryFetchAsync(assignment, folder, tell, stop)) await Task.Delay(Again, time, stop);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException && !stop.IsCancellationRequested)
        {
            throw new FetchException($"What the run needs could not be brought to this machine: {e.Message}", e);
        }
    }

    public void Dispose() => _http.Dispose();

    /// <returns>false when the disk is full.</returns>
    private async Task<bool> TryFetchAsync(Assignment assignment, RunFolder folder, Func<string, double, Task> tell, CancellationToken stop)
    {
        try
        {
            await FetchFilesAsync(assignment, folder, stop);
            await FetchWeightsAsync(assignment, stop);
            await FetchImagesAsync(assignment, folder, tell, stop);
            return true;
        }
        catch (Exception e) when (FullDisk.Is(e))
        {
            await tell("The disk of this machine is full. Free some space there: it waits, and goes on by itself.", 0);
            return false;
        }
    }

    /// <summary>Everything in them has been sent; for a day their logs may still explain something.</summary>
    private void RemoveOld()
    {
        if (!Directory.Exists(options.Value.RunsFolder)) return;
        var before = time.GetUtcNow() - TimeSpan.FromDays(1);
        foreach (var old in new DirectoryInfo(options.Value.RunsFolder).EnumerateDirectories())
        {
            if (!int.TryParse(old.Name, CultureInfo.InvariantCulture, out var id) || machine.Trains(id)) continue;
            if (old.LastWriteTimeUtc < before.UtcDateTime) old.Delete(recursive: true);
        }
    }

    private async Task FetchFilesAsync(Assignment assignment, RunFolder folder, CancellationToken stop)
    {
        var names = await TryAsync(async () =>
        {
            using var response = await GetAsync(assignment, "files", 0, stop);
            return (await response.Content.ReadFromJsonAsync<List<string>>(CoreJson.Options, stop))!;
        }, stop);
        // A former attempt of this machine may lie here: what the dashboard has is what counts.
        File.Delete(folder.Checkpoint);
        foreach (var name in names.Where(RunFileNames.MayBeFetched))
        {
            var path = RunFileNames.PathOf(folder, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await TryAsync(async () =>
            {
                using var response = await GetAsync(assignment, $"files/{name}", 0, stop);
                await using (var file = File.Create(path + ".part")) await response.Content.CopyToAsync(file, stop);
                File.Move(path + ".part", path, overwrite: true);
                return true;
            }, stop);
        }
    }

    private async Task FetchWeightsAsync(Assignment assignment, CancellationToken stop) => await TryAsync(async () =>
    {
        using var response = await GetAsync(assignment, "weights", 0, stop);
        if (response.StatusCode == HttpStatusCode.NoContent) return false;
        var name = Path.GetFileName(response.Content.Headers.ContentDisposition?.FileName?.Trim('"') ?? "");
        var path = Path.Combine(options.Value.WeightsFolder, name);
        if (name.Length == 0 || File.Exists(path) && new FileInfo(path).Length == response.Content.Headers.ContentLength) return false;
        Directory.CreateDirectory(options.Value.WeightsFolder);
        await using (var file = File.Create(path + ".part")) await response.Content.CopyToAsync(file, stop);
        File.Move(path + ".part", path, overwrite: true);
        return true;
    }, stop);

    private async Task FetchImagesAsync(Assignment assignment, RunFolder folder, Func<string, double, Task> tell, CancellationToken stop)
    {
        var manifest = DatasetManifest.Load(folder.Manifest);
        // Also what keeps a name that isn't one from leading out of the folder.
        if (manifest.Samples.FirstOrDefault(sample => sample.Sha256.Length != 64 || !sample.Sha256.All(char.IsAsciiHexDigitLower)) is { } unknown)
            throw new FetchException($"The content of {unknown.Path} isn't known. Look through the dataset again, then start a new run.");
        var wanted = manifest.Samples.DistinctBy(sample => sample.Sha256).ToDictionary(sample => sample.Sha256, sample => sample.Bytes, StringComparer.Ordinal);
        blobs.Trim(wanted.Keys.ToHashSet(StringComparer.Ordinal));
        var missing = wanted.Where(image => !blobs.Has(image.Key)).ToList();
        foreach (var image in wanted.Keys.Where(blobs.Has)) blobs.Touch(image, time.GetUtcNow());
        if (missing.Count > 0)
        {
            LogFetching(assignment.RunId, missing.Count, wanted.Count, missing.Sum(image => image.Value));
            var done = 0;
            var told = time.GetTimestamp();
            await Parallel.ForEachAsync(missing, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = stop }, async (image, each) =>
            {
                await TryAsync(async () =>
                {
                    await blobs.AddAsync(image.Key, (from, token) => OpenAsync(assignment, image.Key, from, token), each);
                    return true;
                }, each);
                var count = Interlocked.Increment(ref done);
                if (time.GetElapsedTime(Interlocked.Read(ref told)) < TimeSpan.FromSeconds(1)) return;
                Interlocked.Exchange(ref told, time.GetTimestamp());
                await tell(string.Create(CultureInfo.InvariantCulture, $"Fetching images: {count:N0} of {missing.Count:N0}"), (double)count / missing.Count);
            });
        }
        var here = manifest with { Root = blobs.Folder, Within = null, Samples = [.. manifest.Samples.Select(sample => sample with { Path = BlobCache.PathOf(sample.Sha256) })] };
        here.Save(folder.Manifest);
    }

    private async Task<Stream> OpenAsync(Assignment assignment, string sha256, long from, CancellationToken stop)
    {
        var response = await GetAsync(assignment, $"images/{sha256}", from, stop);
        return response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable ? Stream.Null : await response.Content.ReadAsStreamAsync(stop);
    }

    private async Task<HttpResponseMessage> GetAsync(Assignment assignment, string what, long from, CancellationToken stop)
    {
        var path = string.Create(CultureInfo.InvariantCulture, $"{MachineFiles.Prefix}/runs/{assignment.RunId}/attempts/{assignment.Attempt}/{what}");
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(agent.Server, path));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", agent.Key);
        if (from > 0) request.Headers.Range = new RangeHeaderValue(from, null);
        var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stop);
        if (response.IsSuccessStatusCode || from > 0 && response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable) return response;
        using (response)
        {
            var words = await response.Content.ReadAsStringAsync(stop);
            throw response.StatusCode switch
            {
                HttpStatusCode.Conflict => new StaleAttemptException(words),
                HttpStatusCode.NotFound => new FetchException($"The dashboard doesn't have what the run needs: {words}"),
                _ => new HttpRequestException($"{path} was answered with {(int)response.StatusCode}: {words}", null, response.StatusCode),
            };
        }
    }

    /// <summary>A network that is away comes back; the attempt is given up by the dashboard, not here.</summary>
    private async Task<T> TryAsync<T>(Func<Task<T>> work, CancellationToken stop)
    {
        while (true)
        {
            try
            {
                return await work();
            }
            catch (Exception e) when (!stop.IsCancellationRequested && !FullDisk.Is(e) && (e is HttpRequestException or TaskCanceledException || e is HttpIOException))
            {
                LogAgain(e.Message);
                await Task.Delay(Again, time, stop);
            }
        }
    }

    [LoggerMessage(LogLevel.Information, "Run {RunId}: {Missing} of {Count} images are fetched, {Bytes} bytes")]
    private partial void LogFetching(int runId, int missing, int count, long bytes);

    [LoggerMessage(LogLevel.Warning, "A transfer broke off and goes on in a moment: {Words}")]
    private partial void LogAgain(string words);
}
