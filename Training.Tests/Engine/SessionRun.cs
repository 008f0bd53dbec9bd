using Training.Core.Engine;
using Training.Core.Runs;
using Training.Tests.TestKit;

namespace Training.Tests.Engine;

/// <summary>Trains a recipe on tiny photos and keeps what it reported.</summary>
internal sealed class SessionRun : IRunEventSink, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly TrainingSession _session;

    public SessionRun(TinyPhotos photos, Recipe recipe)
    {
        Folder = new RunFolder(_folder.Path);
        _session = new TrainingSession(new TrainingRequest { Recipe = recipe, Manifest = photos.Manifest, Folder = Folder, Events = this });
    }

    /// <summary>All layers of random weights at 32 px: a step takes milliseconds.</summary>
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
        _folder.Dispose();
    }
}
