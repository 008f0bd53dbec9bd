using Training.Core.Devices;
using Training.Core.Engine;
using Training.Core.Recipes;
using Training.Core.Runs;
using Training.Tests.TestKit;

namespace Training.Tests.Engine;

/// <summary>Trains a recipe on tiny photos and keeps what it reported.</summary>
internal sealed class SessionRun : IRunEventSink, IDisposable
{
    private readonly TemporaryFolder? _folder;
    private readonly CancellationTokenSource _stop = new();
    private readonly TrainingSession _session;

    /// <param name="folder">Of a former attempt, to go on in; a folder of its own if null.</param>
    public SessionRun(TinyPhotos photos, Recipe recipe, RunFolder? folder = null, TimeSpan? checkpointEvery = null)
        : this(new TrainingRequest { Recipe = recipe, Manifest = photos.Manifest, Folder = folder!, Events = null! }, checkpointEvery)
    {
    }

    /// <param name="request">Its events come here; without a folder it gets one of its own.</param>
    public SessionRun(TrainingRequest request, TimeSpan? checkpointEvery = null)
    {
        if (request.Folder is null) _folder = new TemporaryFolder();
        Folder = request.Folder ?? new RunFolder(_folder!.Path);
        request = request with { Folder = Folder, Events = this };
        _session = new TrainingSession(checkpointEvery is { } every
            ? request with { CheckpointWithinEpoch = every, CheckpointAfterEpoch = TimeSpan.Zero } : request);
    }

    /// <summary>The smallest network, for what holds of every one: its files are small and its steps take milliseconds.</summary>
    public static Recipe Small => Scratch with { Backbone = "mobilenet_v3_small" };

    /// <summary>All layers of random weights at 32 px.</summary>
    public static Recipe Scratch { get; } = new()
    {
        Dataset = "tiny", Mode = TrainingMode.FromScratch, Epochs = 3, BatchSize = 8, ImageSize = 32, Precision = PrecisionKind.Fp32,
    };

    public RunFolder Folder { get; }

    public List<RunEvent> Events { get; } = [];

    /// <summary>Called after each event, on the training thread.</summary>
    public Action<RunEvent>? After { get; set; }

    public IReadOnlyList<EpochCompleted> Epochs => [.. Events.OfType<EpochCompleted>()];

    public IReadOnlyList<double> Losses => [.. Events.OfType<StepCompleted>().Select(step => step.Loss)];

    public Ended Train() => _session.Run(_stop.Token);

    public void Stop() => _stop.Cancel();

    public void Pause() => _session.Pause();

    public Ended Abandon() => _session.Abandon();

    public void Report(RunEvent runEvent)
    {
        Events.Add(runEvent);
        After?.Invoke(runEvent);
    }

    public void Dispose()
    {
        _session.Dispose();
        _stop.Dispose();
        _folder?.Dispose();
    }
}
