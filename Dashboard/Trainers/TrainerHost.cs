using System.Runtime.InteropServices;
using Training.Core.Data;
using Training.Core.Engine;
using Training.Core.Runs;

namespace Dashboard.Trainers;

/// <summary>The trainer process from start to end: one attempt of one run, trained on one thread of its own, reported meanwhile.</summary>
internal sealed class TrainerHost(TrainerOptions options, string token, TrainerLog log, TimeProvider time)
{
    /// <summary>How long a finished trainer tries to deliver; after that the dashboard finds the rest in the journal.</summary>
    private static readonly TimeSpan DeliveryPatience = TimeSpan.FromSeconds(30);

    /// <summary>Trains; replaced in tests that are about the way of the events.</summary>
    internal Func<TrainingRequest, CancellationToken, Ended> Train { get; init; } = (request, stop) => new TrainingSession(request).Run(stop);

    internal Action<Microsoft.AspNetCore.Http.Connections.Client.HttpConnectionOptions> ConfigureConnection { get; init; } = _ => { };

    /// <returns>The process's <see cref="TrainerExitCode"/>.</returns>
    public async Task<int> RunAsync(CancellationToken stop = default)
    {
        var path = options.Folder.Journal(options.Attempt);
        try
        {
            using var journal = Journal.Open(path, time);
            return await RunAsync(new HubEventSink(journal, path, log), stop);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            log.Write($"The journal {path} can't be written: {e.Message} Free some disk space or check the folder's rights, then start the run again.");
            return TrainerExitCode.JournalBroken;
        }
    }

    private async Task<int> RunAsync(HubEventSink events, CancellationToken stop)
    {
        using var connection = new TrainerConnection(options, token, events, log, time) { Configure = ConfigureConnection };
        using var training = CancellationTokenSource.CreateLinkedTokenSource(connection.StopRequested, stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var delivery = new CancellationTokenSource();

        var delivering = connection.RunAsync(delivery.Token);
        try
        {
            await Task.Factory.StartNew(
                () => TrainToTheEnd(events, training.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }
        catch
        {
            // Only a broken journal comes here. What it does hold may still arrive, but not for long.
            await EndDeliveryAsync(TimeSpan.FromSeconds(1));
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
            training.Cancel();
        }
    }

    /// <summary>Every way out ends with an <see cref="Ended"/> in the journal; only a journal that can't be written throws.</summary>
    private void TrainToTheEnd(HubEventSink events, CancellationToken stop)
    {
        try
        {
            Train(Read(events), stop);
            if (!events.HasEnded) throw new InvalidOperationException("The training returned without saying how it ended.");
        }
        catch (Exception e) when (!events.HasEnded)
        {
            log.Write(e.ToString());
            events.Report(new Ended(RunOutcome.Failed, e.Message, null, null, 0));
        }
    }

    private TrainingRequest Read(HubEventSink events) => new()
    {
        Recipe = options.Folder.ReadRecipe(),
        Manifest = DatasetManifest.Load(options.Folder.Manifest),
        Folder = options.Folder,
        Events = events,
        WeightsFolder = options.WeightsFolder,
    };
}


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
