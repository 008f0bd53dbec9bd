using System.Runtime.InteropServices;
using Dashboard.Dispatch.Files;
using Dashboard.Dispatch.Words;
using Dashboard.Protocol;
using Dashboard.Storage.Files;
using Training.Core.Data;
using Training.Core.Engine;
using Training.Core.Recipes;
using Training.Core.Runs;

namespace Dashboard.Dispatch.Trainers;

/// <summary>The trainer process from start to end: one attempt of one run, trained on one thread of its own, reported meanwhile.</summary>
internal sealed class TrainerHost(TrainerOptions options, string token, TrainerLog log, TimeProvider time)
{
    /// <summary>How long a finished trainer tries to deliver; after that the dashboard finds the rest in the journal.</summary>
    private static readonly TimeSpan DeliveryPatience = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long the step that is being computed may still take once a stop was asked for; a large batch on a CPU takes longer.
    /// </summary>
    private static readonly TimeSpan StepPatience = TimeSpan.FromSeconds(1);

    private TrainingWork? _work;

    /// <summary>Keeps the images that are read here while this process lives, even if the agent dies.</summary>
    private BlobLease? _lease;

    /// <summary>Makes the training; replaced in tests that are about the way of the events.</summary>
    internal Func<TrainingRequest, TrainingWork> Create { get; init; } = request =>
    {
        var session = new TrainingSession(request);
        return new TrainingWork(session.Run, session.Abandon, session.Pause);
    };

    /// <summary>The training thread was left in the middle of a step: the process has to exit without waiting for anything.</summary>
    public bool IsAbandoned { get; private set; }

    /// <returns>The process's <see cref="TrainerExitCode"/>.</returns>
    public async Task<int> RunAsync(CancellationToken cancellationToken = default)
    {
        var path = options.Folder.Journal(options.Attempt);
        try
        {
            using var journal = Journal.Open(path, time);
            return await RunAsync(new HubEventSink(journal, path, options.Device, log), cancellationToken);
        }
        catch (Exception e) when (e is RunSinkException or IOException or UnauthorizedAccessException)
        {
            log.Write($"The journal {path} can't be written: {e.Message} Free some disk space or check the folder's rights, then start "
                + "the run again.");
            return TrainerExitCode.JournalBroken;
        }
        finally
        {
            _lease?.Dispose();
        }
    }

    private async Task<int> RunAsync(HubEventSink events, CancellationToken cancellationToken)
    {
        using var connection = new TrainerConnection(options, token, events, log, time);
        using var training = CancellationTokenSource.CreateLinkedTokenSource(connection.StopRequested, cancellationToken);
        using var yields = new CancellationTokenSource();
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var delivery = new CancellationTokenSource();

        var delivering = connection.RunAsync(delivery.Token);
        try
        {
            using var pause = CancellationTokenSource.CreateLinkedTokenSource(connection.PauseRequested, yields.Token);
            await TrainAsync(events, pause.Token, training.Token);
        }
        catch
        {
            // Only a broken journal comes here. What it does hold may still arrive, but not for long.
            await EndDeliveryAsync(TimeSpan.FromSeconds(5));
            throw;
        }
        await EndDeliveryAsync(DeliveryPatience);
        return TrainerExitCode.Done;

        async Task EndDeliveryAsync(TimeSpan patience)
        {
            delivery.CancelAfter(patience);
            await delivering;
        }

        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            if (!options.Yields)
            {
                training.Cancel();
                return;
            }
            // The checkpoint is what another attempt goes on from; why there is one, whoever took the machine away says.
            events.Yield();
            yields.Cancel();
        }
    }

    private async Task TrainAsync(HubEventSink events, CancellationToken pause, CancellationToken cancellationToken)
    {
        var training = Task.Factory.StartNew(
            () => TrainToTheEnd(events, pause, cancellationToken), CancellationToken.None, TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        var stopped = Task.Delay(Timeout.InfiniteTimeSpan, time, cancellationToken).ContinueWith(
            _ => Task.Delay(StepPatience, time), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default).Unwrap();
        if (await Task.WhenAny(training, stopped) == training)
        {
            await training;
            return;
        }
        IsAbandoned = true;
        if (_work is { } work) work.Abandon();
        else events.Report(new Ended(RunOutcome.Stopped, AttemptWords.StoppedWithoutModel, null, null, 0));
    }

    /// <summary>Every way out ends with an <see cref="Ended"/> in the journal; only a journal that can't be written throws.</summary>
    private void TrainToTheEnd(HubEventSink events, CancellationToken pause, CancellationToken cancellationToken)
    {
        try
        {
            _work = Create(Read(events));
            using var pausing = pause.Register(_work.Pause);
            _work.Run(cancellationToken);
            if (events.HasEnded) return;
            log.Write(AttemptWords.ReturnedWithoutEnd);
            events.Report(new Ended(RunOutcome.Failed, AttemptWords.ReturnedWithoutEnd, null, null, 0));
        }
        catch (Exception e) when (!events.HasEnded && e is not RunSinkException)
        {
            log.Write(e.ToString());
            events.Report(new Ended(RunOutcome.Failed, e.Message, null, null, 0));
        }
    }

    private TrainingRequest Read(HubEventSink events)
    {
        var manifest = DatasetManifest.Load(options.Folder.Manifest);
        if (options.SendsFiles)
            _lease = BlobLease.Join(manifest.Root, RunFileNames.LeaseOf(options.Folder, new AttemptId(options.RunId, options.Attempt)));
        return new TrainingRequest
        {
            Recipe = options.Folder.ReadRecipe(),
            Manifest = manifest,
            Folder = options.Folder,
            Events = events,
            WeightsFolder = options.WeightsFolder,
            CacheFolder = options.CacheFolder,
            Exports = true,
        };
    }
}

/// <summary>A training that runs to its end, pauses between steps, or can be left in the middle of one.</summary>
internal sealed record TrainingWork(Func<CancellationToken, Ended> Run, Func<Ended> Abandon, Action Pause);

/// <summary>trainer.log from the inside: what the trainer prints. A full disk must not end a training for the sake of a log line.</summary>
internal sealed class TrainerLog(TextWriter writer)
{
    public void Write(string line)
    {
        try
        {
            writer.WriteLine(line);
        }
        catch (IOException)
        {
        }
    }
}
