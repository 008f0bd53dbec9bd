using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Dashboard.Devices;
using Dashboard.Dispatch;
using Dashboard.Live;
using Dashboard.Machines;
using Dashboard.Trainers;
using Microsoft.AspNetCore.SignalR.Client;
using Training.Core.Runs;

namespace Dashboard.Benchmarks;

/// <summary>
/// Times the way of a step from a trainer to a watcher through a dashboard in a process of its own: machines join, take a run each and report
/// steps as trainers do, and watchers of the hub note when each step comes. Both ends are in this process, on one clock.
/// </summary>
internal sealed class LiveBenchmark(int machines, int stepsPerSecond, int watchers, int seconds)
{
    /// <summary>Longer than it takes until everybody is connected and compiled.</summary>
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Batch = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static LiveFigures Run(int machines, int stepsPerSecond, int watchers, int seconds, CancellationToken stop) =>
        new LiveBenchmark(machines, stepsPerSecond, watchers, seconds).RunAsync(stop).GetAwaiter().GetResult();

    private async Task<LiveFigures> RunAsync(CancellationToken stop)
    {
        var folder = Directory.CreateTempSubdirectory("bench-");
        using var dashboard = Launch(folder.FullName);
        try
        {
            var server = await ListeningAsync(dashboard).WaitAsync(Patience, stop);
            using var http = new HttpClient { BaseAddress = server };
            await QueueAsync(http, stop);
            var token = (await PostAsync(http, "api/machines/tokens", new { name = "bench" }, stop)).GetProperty("token").GetString()!;
            var trainers = await Task.WhenAll(Enumerable.Range(0, machines).Select(i => TrainerAsync(server, token, i, stop)));
            var listeners = await Task.WhenAll(Enumerable.Range(0, watchers).Select(i => ListenerAsync(server, trainers[i % machines], stop)));
            using var over = CancellationTokenSource.CreateLinkedTokenSource(stop);
            var reporting = trainers.Select(trainer => trainer.ReportAsync(stepsPerSecond, over.Token)).ToList();
            await Task.Delay(WarmUp, stop);
            foreach (var listener in listeners) listener.Begin();
            var figures = await ObserveAsync(dashboard, stop);
            await over.CancelAsync();
            await Task.WhenAll(reporting);
            await Task.Delay(TimeSpan.FromSeconds(2), stop); // what is on its way arrives
            return await CountAsync(http, trainers, listeners, figures, stop);
        }
        finally
        {
            if (!dashboard.HasExited) dashboard.Kill();
            await dashboard.WaitForExitAsync(CancellationToken.None);
            folder.Delete(recursive: true);
        }
    }

    private static Process Launch(string dataRoot)
    {
        var start = OwnExecutable.Start("serve",
            ["--urls", "http://127.0.0.1:0", "--Dashboard:DataRoot", dataRoot, "--Dashboard:TrainHere", "false", "--Logging:LogLevel:Microsoft.EntityFrameworkCore", "Warning"]);
        start.RedirectStandardOutput = true;
        return Process.Start(start) ?? throw new InvalidOperationException("The dashboard did not start.");
    }

    private static async Task<Uri> ListeningAsync(Process dashboard)
    {
        const string words = "Now listening on: ";
        while (await dashboard.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.IndexOf(words, StringComparison.Ordinal) is not (var at and >= 0)) continue;
            // The rest has to be read too, or the dashboard waits for it.
            _ = dashboard.StandardOutput.ReadToEndAsync();
            return new Uri(line[(at + words.Length)..].Trim());
        }
        throw new InvalidOperationException("The dashboard ended at its start.");
    }

    private async Task QueueAsync(HttpClient http, CancellationToken stop)
    {
        while (!(await http.GetStringAsync(new Uri("api/datasets", UriKind.Relative), stop)).Contains("\"ready\"", StringComparison.Ordinal))
            await Task.Delay(Batch, stop);
        for (var i = 0; i < machines; i++)
            await PostAsync(http, "api/runs", new { dataset = "Shapes (demo)", mode = "transfer", epochs = 1000, name = $"bench {i + 1}" }, stop);
    }

    private static async Task<JsonElement> PostAsync(HttpClient http, string path, object body, CancellationToken stop)
    {
        using var response = await http.PostAsJsonAsync(path, body, stop);
        return await response.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>(stop);
    }

    private async Task<Trainer> TrainerAsync(Uri server, string token, int number, CancellationToken stop)
    {
        var machine = await ConnectAsync(server, MachinesHub.Path, stop);
        var joined = await machine.InvokeAsync<JoinReply>(nameof(MachinesHub.Join), $"bench-{number + 1}", token, ProgramVersion.Text, MachinesHub.Protocol, stop);
        if (joined.Refusal is { } refusal) throw new InvalidOperationException(refusal);
        var assignment = await machine.InvokeAsync<Assignment?>(nameof(MachinesHub.Take), LocalMachine.Cpu, stop)
            ?? throw new InvalidOperationException("No run waits.");
        var trainer = await ConnectAsync(server, MachinesHub.Path, stop);
        await trainer.InvokeAsync<AttachReply>(nameof(MachinesHub.Attach), assignment.RunId, assignment.Attempt, assignment.Token, stop);
        return new Trainer(machine, trainer, assignment.RunId, (seconds + 120) * stepsPerSecond);
    }

    private static async Task<Listener> ListenerAsync(Uri server, Trainer trainer, CancellationToken stop)
    {
        var connection = await ConnectAsync(server, ProgressHub.Path, stop);
        var listener = new Listener(connection, trainer);
        connection.On<ProgressBatch>(ProgressHub.Progress, listener.Hear);
        await connection.InvokeAsync(nameof(ProgressHub.Watch), trainer.RunId, stop);
        return listener;
    }

    private static async Task<HubConnection> ConnectAsync(Uri server, string path, CancellationToken stop)
    {
        var connection = HubClient.To(server, path);
        await connection.StartAsync(stop);
        return connection;
    }

    private async Task<(double Cores, long First, long Last, long Peak)> ObserveAsync(Process dashboard, CancellationToken stop)
    {
        dashboard.Refresh();
        var (busy, first, peak) = (dashboard.TotalProcessorTime, dashboard.WorkingSet64, 0L);
        var watch = Stopwatch.StartNew();
        while (watch.Elapsed.TotalSeconds < seconds)
        {
            await Task.Delay(TimeSpan.FromSeconds(1), stop);
            dashboard.Refresh();
            peak = Math.Max(peak, dashboard.WorkingSet64);
        }
        return ((dashboard.TotalProcessorTime - busy).TotalSeconds / watch.Elapsed.TotalSeconds, first, dashboard.WorkingSet64, peak);
    }

    private async Task<LiveFigures> CountAsync(
        HttpClient http, Trainer[] trainers, Listener[] listeners, (double Cores, long First, long Last, long Peak) load, CancellationToken stop)
    {
        long reported = 0, stored = 0;
        foreach (var trainer in trainers)
        {
            reported += trainer.Acknowledged;
            var run = await http.GetFromJsonAsync<JsonElement>(string.Create(CultureInfo.InvariantCulture, $"api/runs/{trainer.RunId}"), stop);
            stored += run.GetProperty("step").GetInt32();
        }
        var latencies = listeners.SelectMany(listener => listener.Latencies).Order().ToArray();
        foreach (var listener in listeners) await listener.DisposeAsync();
        foreach (var trainer in trainers) await trainer.DisposeAsync();
        return new LiveFigures(
            machines, watchers, seconds, Math.Round(reported / (double)(seconds + WarmUp.TotalSeconds)), Percentile(0.5), Percentile(0.95), Percentile(1), reported, stored,
            listeners.Sum(listener => listener.Missed), Math.Round(load.Cores, 2), load.First >> 20, load.Last >> 20, load.Peak >> 20);

        double Percentile(double part) => latencies.Length == 0 ? double.NaN : Math.Round(latencies[(int)((latencies.Length - 1) * part)], 1);
    }

    /// <summary>A trainer without a training: steps at their times, in messages of a tenth of a second.</summary>
    private sealed class Trainer(HubConnection machine, HubConnection connection, int runId, int mostSteps) : IAsyncDisposable
    {
        private readonly long[] _made = new long[mostSteps + 1];

        public int RunId => runId;

        /// <summary>Steps that the dashboard says are stored.</summary>
        public int Acknowledged { get; private set; }

        /// <summary>When a step was made, as a timestamp; 0 when it wasn't.</summary>
        public long MadeAt(int step) => step < _made.Length ? Volatile.Read(ref _made[step]) : 0;

        public async Task ReportAsync(int stepsPerSecond, CancellationToken over)
        {
            var time = TimeProvider.System;
            await connection.InvokeAsync<long>(nameof(MachinesHub.Report),
                (JournalEntry[])[new(1, time.GetUtcNow(), new TrainingStarted(1000, 1000, 240, 60, LocalMachine.Cpu, "bench"))], CancellationToken.None);
            var begin = Stopwatch.GetTimestamp();
            var step = 0;
            while (!over.IsCancellationRequested && step < mostSteps)
            {
                await Task.Delay(Batch, CancellationToken.None);
                var due = Math.Min(mostSteps, (int)(Stopwatch.GetElapsedTime(begin).TotalSeconds * stepsPerSecond));
                var entries = new List<JournalEntry>();
                for (step++; step <= due; step++)
                {
                    // The time at which the step was due: waiting for the message is part of the way.
                    Volatile.Write(ref _made[step], begin + (long)((double)step / stepsPerSecond * Stopwatch.Frequency));
                    entries.Add(new JournalEntry(1 + step, time.GetUtcNow(), new StepCompleted(1 + (step - 1) / 1000, step, 1.0 / step, 1e-3, 64)));
                }
                step--;
                if (entries.Count > 0) Acknowledged = (int)await connection.InvokeAsync<long>(nameof(MachinesHub.Report), entries, CancellationToken.None) - 1;
            }
        }

        public async ValueTask DisposeAsync()
        {
            await connection.DisposeAsync();
            await machine.DisposeAsync();
        }
    }

    private sealed class Listener(HubConnection connection, Trainer trainer) : IAsyncDisposable
    {
        private readonly List<double> _milliseconds = [];
        private volatile bool _counts;
        private int _last;

        public IReadOnlyList<double> Latencies => _milliseconds;

        /// <summary>Steps that never came.</summary>
        public long Missed { get; private set; }

        public void Begin() => _counts = true;

        /// <summary>One call at a time for each connection.</summary>
        public void Hear(ProgressBatch batch)
        {
            var now = Stopwatch.GetTimestamp();
            foreach (var step in batch.Steps)
            {
                if (_last > 0) Missed += step.Step - _last - 1;
                _last = step.Step;
                if (_counts && trainer.MadeAt(step.Step) is > 0 and var made) _milliseconds.Add(Stopwatch.GetElapsedTime(made, now).TotalMilliseconds);
            }
        }

        public ValueTask DisposeAsync() => connection.DisposeAsync();
    }
}

/// <param name="StepsPerSecond">Of all machines, as they came about.</param>
/// <param name="MedianMilliseconds">From the moment a step was due to the watcher that has it.</param>
/// <param name="Reported">Steps that the dashboard acknowledged.</param>
/// <param name="Stored">The runs' last steps, added up.</param>
/// <param name="Missed">Steps that a watcher never got.</param>
/// <param name="Cores">That the dashboard kept busy.</param>
internal sealed record LiveFigures(
    int Machines, int Watchers, int Seconds, double StepsPerSecond, double MedianMilliseconds, double P95Milliseconds, double MostMilliseconds,
    long Reported, long Stored, long Missed, double Cores, long MemoryFirstMegabytes, long MemoryLastMegabytes, long MemoryPeakMegabytes);
