using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using Dashboard.Dispatch.Words;
using Dashboard.Machines.Devices;
using Dashboard.Protocol;
using Dashboard.Runs;
using Dashboard.Storage;
using Dashboard.Storage.Files;
using Microsoft.Extensions.Options;
using Training.Core.Data;
using Training.Core.Runs;

namespace Dashboard.Dispatch.Files;

/// <summary>
/// Brings what an attempt reads onto this machine: its files, the images that are not here yet, pretrained weights. Several attempts may
/// want the same at once.
/// </summary>
internal sealed partial class RunFetch(
    DashboardFiles files, LocalMachine machine, IOptions<DashboardOptions> options, BlobCache blobs, TimeProvider time,
    ILogger<RunFetch> logger) : IDisposable
{
    /// <summary>Small files wait for the network more than they use it.</summary>
    private const int AtOnce = 6;
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<AttemptId, BlobLease> _leases = new();

    /// <param name="tell">Called now and then with a sentence and how far it is, 0–1.</param>
    /// <remarks>While the disk here is full it waits: what has come so far stays.</remarks>
    /// <exception cref="FetchException">Something is missing there, or can't be written here.</exception>
    /// <exception cref="StaleAttemptException">The attempt is over.</exception>
    public async Task FetchAsync(Assignment assignment, Func<string, double, Task> tell, CancellationToken cancellationToken)
    {
        var fetching = new Fetching(assignment, options.Value.RunFolder(assignment.RunId), tell, new TransferTrouble(time),
            cancellationToken);
        try
        {
            RemoveOld();
            Directory.CreateDirectory(fetching.Folder.Path);
            while (!await TryFetchAsync(fetching)) await Task.Delay(Again, time, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException
            && !cancellationToken.IsCancellationRequested)
        {
            Release(assignment.Id);
            throw new FetchException(TransferWords.NotBrought(e.Message), e);
        }
        catch
        {
            Release(assignment.Id);
            throw;
        }
    }

    /// <summary>
    /// Sees to it that the images of these attempts stay, of those too that were begun by an earlier process or version, and that those of
    /// attempts that are over may go.
    /// </summary>
    /// <param name="live">All attempts that this machine should be training.</param>
    public async Task KeepAsync(IReadOnlyList<Assignment> live, CancellationToken cancellationToken)
    {
        foreach (var over in _leases.Keys.Where(attempt => live.All(each => each.Id != attempt) && !machine.Trains(attempt))) Release(over);
        foreach (var assignment in live.Where(each => !_leases.ContainsKey(each.Id) && !machine.Trains(each.Id)))
        {
            var folder = options.Value.RunFolder(assignment.RunId);
            try
            {
                if (File.Exists(folder.Manifest))
                    await ReserveAsync(assignment.Id, folder, DatasetManifest.Load(folder.Manifest), cancellationToken);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
            {
                LogNotKept(e, assignment.RunId);
            }
        }
    }

    public void Dispose()
    {
        foreach (var attempt in _leases.Keys) Release(attempt);
    }

    /// <returns>false when the disk is full.</returns>
    private async Task<bool> TryFetchAsync(Fetching fetching)
    {
        try
        {
            await FetchFilesAsync(fetching);
            await FetchWeightsAsync(fetching);
            await FetchImagesAsync(fetching);
            return true;
        }
        catch (Exception e) when (FullDisk.Is(e))
        {
            await fetching.Tell(FullDisk.Words(e), 0);
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
            if (!int.TryParse(old.Name, CultureInfo.InvariantCulture, out var id) || machine.TrainsRun(id)) continue;
            if (old.LastWriteTimeUtc < before.UtcDateTime) old.Delete(recursive: true);
        }
    }

    private async Task FetchFilesAsync(Fetching fetching)
    {
        var names = await TryAsync(fetching, async () =>
        {
            using var response = await files.GetAsync(fetching.Assignment, "files", 0, fetching.CancellationToken);
            return (await response.Content.ReadFromJsonAsync<List<string>>(CoreJson.Options, fetching.CancellationToken))!;
        });
        // A former attempt of this machine may lie here: what the dashboard has is what counts.
        File.Delete(fetching.Folder.Checkpoint);
        foreach (var name in names.Where(RunFileNames.MayBeFetched))
            await BringAsync(fetching, RunFileNames.PathOf(fetching.Folder, name), () => false, () =>
                files.GetAsync(fetching.Assignment, $"files/{name}", 0, fetching.CancellationToken));
    }

    private async Task FetchWeightsAsync(Fetching fetching)
    {
        var (name, length) = await TryAsync(fetching, async () =>
        {
            using var asked = await files.GetAsync(fetching.Assignment, "weights", 0, fetching.CancellationToken);
            if (asked.StatusCode == HttpStatusCode.NoContent) return ("", 0L);
            return (Path.GetFileName(asked.Content.Headers.ContentDisposition?.FileName?.Trim('"') ?? ""),
                asked.Content.Headers.ContentLength ?? -1);
        });
        if (name.Length == 0) return;
        var path = Path.Combine(options.Value.WeightsFolder, name);
        await BringAsync(
            fetching, path, () => File.Exists(path) && new FileInfo(path).Length == length,
            () => files.GetAsync(fetching.Assignment, "weights", 0, fetching.CancellationToken));
    }

    /// <summary>A whole file, from its beginning with each try: nothing says whether it is still the same there.</summary>
    private async Task BringAsync(Fetching fetching, string path, Func<bool> isThere, Func<Task<HttpResponseMessage>> ask) =>
        await TryAsync(fetching, async () =>
    {
        await new PartFile(path, time).BringAsync(isThere, async (part, cancellationToken) =>
        {
            part.Clear();
            using var response = await ask();
            part.Fit(response);
            DiskRoom.Require(Path.GetFileName(path), path, part.Total ?? 0);
            await DashboardFiles.TakeAsync(response, part, cancellationToken);
        }, fetching.CancellationToken);
        return true;
    });

    private async Task FetchImagesAsync(Fetching fetching)
    {
        var (assignment, cancellationToken) = (fetching.Assignment, fetching.CancellationToken);
        var manifest = DatasetManifest.Load(fetching.Folder.Manifest);
        // Also what keeps a name that isn't one from leading out of the folder.
        if (manifest.Samples.FirstOrDefault(sample => !BlobCache.IsHash(sample.Sha256)) is { } unknown)
            throw new FetchException(TransferWords.ContentUnknown(unknown.Path)) { IsFinal = true };
        var wanted = manifest.Samples.DistinctBy(sample => sample.Sha256)
            .ToDictionary(sample => sample.Sha256, sample => sample.Bytes, StringComparer.Ordinal);
        // Before it is looked which are here: from now on nobody removes them.
        await ReserveAsync(assignment.Id, fetching.Folder, manifest, cancellationToken);
        var missing = wanted.Where(image => !blobs.Has(image.Key)).ToList();
        foreach (var image in wanted.Keys.Where(blobs.Has)) blobs.Touch(image, time.GetUtcNow());
        var changed = new ConcurrentDictionary<string, string>(StringComparer.Ordinal);
        if (missing.Count > 0)
        {
            LogFetching(assignment.RunId, missing.Count, wanted.Count, missing.Sum(image => image.Value));
            DiskRoom.Require(TransferWords.ImagesFolder, Path.Combine(blobs.Folder, "images"), missing.Sum(image => image.Value));
            var done = 0;
            var told = time.GetTimestamp();
            var names = manifest.Samples.ToLookup(sample => sample.Sha256, sample => sample.Path, StringComparer.Ordinal);
            await Parallel.ForEachAsync(missing,
                new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken }, async (image, each) =>
            {
                if (await FetchImageAsync(fetching, image.Key, each) is var content && content != image.Key)
                    foreach (var path in names[image.Key]) changed[path] = content;
                var count = Interlocked.Increment(ref done);
                if (time.GetElapsedTime(Interlocked.Read(ref told)) < TimeSpan.FromSeconds(1)) return;
                Interlocked.Exchange(ref told, time.GetTimestamp());
                await fetching.Tell(TransferWords.FetchesImages(count, missing.Count), (double)count / missing.Count);
            });
        }
        manifest = manifest.With(changed);
        if (!changed.IsEmpty) await ReserveAnewAsync(assignment.Id, fetching.Folder, manifest, cancellationToken);
        var here = manifest with { Root = blobs.Folder, Within = null,
            Samples = [.. manifest.Samples.Select(sample => sample with { Path = BlobCache.PathOf(sample.Sha256) })] };
        here.Save(fetching.Folder.Manifest);
    }

    /// <returns>What came: another content where the file has changed since the scan.</returns>
    private Task<string> FetchImageAsync(Fetching fetching, string sha256, CancellationToken cancellationToken) =>
        TryAsync(fetching, async () =>
    {
        try
        {
            await AddAsync(fetching, sha256, sha256, cancellationToken);
            return sha256;
        }
        catch (ChangedContentException changed)
        {
            await AddAsync(fetching, sha256, changed.Sha256, cancellationToken);
            return changed.Sha256;
        }
    }, cancellationToken);

    /// <param name="content">What is to come.</param>
    private Task AddAsync(Fetching fetching, string sha256, string content, CancellationToken cancellationToken) =>
        blobs.AddAsync(content, async (part, copying) =>
    {
        using var response = await files.GetAsync(fetching.Assignment, $"images/{sha256}", part.Length, copying);
        if (response.Headers.TryGetValues(MachineFiles.HashHeader, out var said) && said.First() is var sent && sent != content
            && BlobCache.IsHash(sent))
            throw new ChangedContentException(sent);
        part.Fit(response);
        await DashboardFiles.TakeAsync(response, part, copying);
    }, cancellationToken);

    private async Task ReserveAsync(AttemptId attempt, RunFolder folder, DatasetManifest manifest, CancellationToken cancellationToken)
    {
        if (!_leases.ContainsKey(attempt)) await ReserveAnewAsync(attempt, folder, manifest, cancellationToken);
    }

    /// <summary>In place of what the attempt had reserved, which stays until the new list counts.</summary>
    private async Task ReserveAnewAsync(AttemptId attempt, RunFolder folder, DatasetManifest manifest, CancellationToken cancellationToken)
    {
        var hashes = manifest.Samples.Select(sample => sample.Sha256).Where(BlobCache.IsHash).Distinct(StringComparer.Ordinal).ToList();
        var lease = await blobs.ReserveAsync(RunFileNames.LeaseOf(folder, attempt), hashes, cancellationToken);
        _leases.TryGetValue(attempt, out var before);
        _leases[attempt] = lease;
        before?.Dispose();
    }

    /// <summary>The attempt is over and its trainer gone: its images may go when room is needed.</summary>
    public void Release(AttemptId attempt)
    {
        if (_leases.TryRemove(attempt, out var lease)) lease.Dispose();
    }

    private Task<T> TryAsync<T>(Fetching fetching, Func<Task<T>> work, CancellationToken? cancellationToken = null) =>
        files.TryAsync(work, fetching.Trouble, words => fetching.Tell(words, 0), cancellationToken ?? fetching.CancellationToken);

    [LoggerMessage(LogLevel.Information, "Run {RunId}: {Missing} of {Count} images are fetched, {Bytes} bytes")]
    private partial void LogFetching(int runId, int missing, int count, long bytes);

    [LoggerMessage(LogLevel.Warning, "Run {RunId}: its images can't be kept from being removed for room")]
    private partial void LogNotKept(Exception exception, int runId);

    /// <summary>The dashboard has something else under an image's name than the scan found.</summary>
    private sealed class ChangedContentException(string sha256) : Exception
    {
        public string Sha256 { get; } = sha256;
    }

    /// <summary>What goes along with everything that one attempt needs.</summary>
    private sealed record Fetching(
        Assignment Assignment, RunFolder Folder, Func<string, double, Task> Tell, TransferTrouble Trouble,
        CancellationToken CancellationToken);
}
