using System.Collections.Concurrent;
using System.Threading.Channels;
using Dashboard.Processes;
using Dashboard.Runs.Words;
using Dashboard.Storage;
using Dashboard.Storage.Files;
using Microsoft.Extensions.Options;
using Training.Core.Backbones;

namespace Dashboard.Runs.Weights;

/// <summary>Brings pretrained weights into the weights folder when someone asks for them, one file at a time. Thread-safe.</summary>
public sealed partial class BackboneDownloads(
    WeightsDownload download, Guard guard, IOptions<DashboardOptions> options, DataRoot root, TimeProvider time,
    ILogger<BackboneDownloads> log)
    : GuardedService("Downloading weights", guard)
{
    // All downloads count as one.
    private readonly ChangeFeed _feed = new("downloads", time, log);
    private readonly Channel<Job> _waiting = Channel.CreateUnbounded<Job>(new UnboundedChannelOptions { SingleReader = true });
    private readonly ConcurrentDictionary<string, Job> _jobs = [];
    private readonly Lock _gate = new();

    /// <param name="changed">Never called twice at the same time for one subscription.</param>
    public IDisposable Subscribe(Func<Task> changed) => _feed.Subscribe(changed);

    /// <summary>The last download of a backbone since the dashboard started; null when there was none.</summary>
    public BackboneDownload? Of(string name) => _jobs.GetValueOrDefault(name)?.Now;

    /// <summary>Queues a download, unless it is queued or under way, or the file is there.</summary>
    /// <exception cref="ArgumentException">The backbone ships with the product.</exception>
    public BackboneDownload Start(BackboneSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        root.ThrowIfLost();
        if (spec.Weights.IsBuiltIn) throw new ArgumentException($"{spec.Title} needs no download.", nameof(spec));
        lock (_gate)
        {
            if (Of(spec.Name) is { IsOver: false } running) return running;
            if (PretrainedWeights.IsAvailable(spec, options.Value.WeightsFolder, out _))
                return new BackboneDownload(DownloadState.Done, DownloadProgress.None);
            var job = new Job(spec);
            _jobs[spec.Name] = job;
            _waiting.Writer.TryWrite(job);
        }
        _feed.Tell();
        return Of(spec.Name)!;
    }

    /// <summary>Ends a download; what has come so far stays, for the next time.</summary>
    public void Cancel(string name)
    {
        if (_jobs.GetValueOrDefault(name) is not { Now.IsOver: false } job) return;
        job.Stop.Cancel();
        Tell(job, DownloadState.Cancelled, job.Now.Progress);
    }

    /// <summary>Where a backbone's file comes from.</summary>
    public WeightsFile FileOf(BackboneSpec spec) => FileOf(spec, options.Value);

    internal static WeightsFile FileOf(BackboneSpec spec, DashboardOptions options)
    {
        var mirror = options.WeightsMirror;
        var from = mirror.Length == 0 ? spec.Weights.Url! : new Uri(new Uri(mirror.TrimEnd('/') + "/"), spec.Weights.FileName);
        return new WeightsFile(from, Path.GetFullPath(options.WeightsFolder), spec.Weights.FileName, spec.Weights.Sha256Prefix);
    }

    protected override async Task WorkAsync(CancellationToken cancellationToken)
    {
        Guard.Works(Part);
        await foreach (var job in _waiting.Reader.ReadAllAsync(cancellationToken))
            if (!job.Now.IsOver) await RunAsync(job, cancellationToken);
    }

    private async Task RunAsync(Job job, CancellationToken closing)
    {
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(job.Stop.Token, closing);
        try
        {
            Tell(job, DownloadState.Downloading, DownloadProgress.None);
            await download.RunAsync(FileOf(job.Spec), progress => Tell(job, DownloadState.Downloading, progress), cancellation.Token);
            LogDone(log, job.Spec.Name);
            Tell(job, DownloadState.Done, job.Now.Progress);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            Tell(job, DownloadState.Cancelled, job.Now.Progress);
        }
#pragma warning disable CA1031 // Whatever is wrong with one file, the others must go on.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            LogFailed(log, exception, job.Spec.Name);
            Tell(job, DownloadState.Failed, job.Now.Progress with { Words = RefusalException.WordsOf(exception) ?? WeightsWords.Fault });
        }
    }

    private void Tell(Job job, DownloadState state, DownloadProgress progress)
    {
        lock (_gate)
        {
            // A late word of the transfer doesn't bring a cancelled one back.
            if (job.Now.IsOver) return;
            job.Now = new BackboneDownload(state, progress);
        }
        _feed.Tell();
    }

    [LoggerMessage(LogLevel.Information, "The weights of {Backbone} were downloaded")]
    private static partial void LogDone(ILogger log, string backbone);

    [LoggerMessage(LogLevel.Warning, "The weights of {Backbone} can't be downloaded")]
    private static partial void LogFailed(ILogger log, Exception exception, string backbone);

    private sealed class Job(BackboneSpec spec)
    {
        public BackboneSpec Spec => spec;
        public CancellationTokenSource Stop { get; } = new();
        public BackboneDownload Now { get; set; } = new(DownloadState.Queued, DownloadProgress.None);
    }
}

public enum DownloadState { Queued, Downloading, Done, Failed, Cancelled }

/// <summary>How far a download is; <see cref="DownloadProgress.Words"/> says why it failed.</summary>
public sealed record BackboneDownload(DownloadState State, DownloadProgress Progress)
{
    public bool IsOver => State is DownloadState.Done or DownloadState.Failed or DownloadState.Cancelled;
}
