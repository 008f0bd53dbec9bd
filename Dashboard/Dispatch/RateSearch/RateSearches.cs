using System.Diagnostics;
using System.Text.Json;
using Dashboard.Datasets;
using Dashboard.Dispatch.Trainers;
using Dashboard.Dispatch.Words;
using Dashboard.Machines.Devices;
using Dashboard.Processes;
using Dashboard.Runs;
using Dashboard.Runs.Artifacts;
using Dashboard.Runs.Weights;
using Dashboard.Storage;
using Microsoft.Extensions.Options;
using Training.Core.Engine.RateSearch;
using Training.Core.Recipes;
using Training.Core.Runs;

namespace Dashboard.Dispatch.RateSearch;

/// <summary>
/// Searches a learning rate on this machine in a child process (<c>find-rate</c>), since the dashboard never loads libtorch; one at a time,
/// and only while nothing trains here.
/// </summary>
public sealed class RateSearches(
    RunService service, RunStore runs, RunFiles files, RunFeed feed, DatasetStore datasets, StartModels starts, LocalMachine machine,
    IOptions<DashboardOptions> options) : IDisposable
{
    /// <summary>What the child process is started with.</summary>
    internal const string Verb = "find-rate";

    private readonly SemaphoreSlim _one = new(1);

    /// <param name="recipe">Its dataset is an id.</param>
    /// <param name="report">Called for each line that the search says, in order.</param>
    /// <exception cref="RateSearchException">It can't search; the message says why and what to do.</exception>
    /// <exception cref="OperationCanceledException">By <paramref name="cancellationToken"/>; the child is gone then.</exception>
    public async Task<RateFinding> FindAsync(Recipe recipe, Func<RateLine, Task> report, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        ArgumentNullException.ThrowIfNull(report);
        if (!options.Value.TrainHere)
            throw new RateSearchException(RateSearchWords.DoesNotTrainHere);
        if (!await _one.WaitAsync(0, cancellationToken))
            throw new RateSearchException(RateSearchWords.AnotherIsUnderWay);
        try
        {
            using var busy = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            using var subscription = feed.SubscribeToQueue(async () =>
            {
                if (await IsBusyAsync(cancellationToken)) await busy.CancelAsync();
            });
            if (await IsBusyAsync(cancellationToken))
                throw new RateSearchException(RateSearchWords.RunTrains);
            try
            {
                return await SearchAsync(recipe, report, busy.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                throw new RateSearchException(RateSearchWords.GaveWay);
            }
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose() => _one.Dispose();

    private async Task<bool> IsBusyAsync(CancellationToken cancellationToken) =>
        machine.Busy > 0 || await runs.TallyAsync(cancellationToken) is not { Live: 0, Queued: 0 };

    private async Task<RateFinding> SearchAsync(Recipe recipe, Func<RateLine, Task> report, CancellationToken cancellationToken)
    {
        var problems = await service.CheckAsync(recipe, cancellationToken);
        if (problems.FirstOrDefault(problem => problem.Severity == Training.Core.Data.ProblemSeverity.Error) is { } problem)
            throw new RateSearchException(RateSearchWords.RecipeRefused(problem.Message, problem.Remedy));
        using var staged = files.Stage(recipe, await ManifestAsync(recipe, cancellationToken));
        (await starts.GetAsync(recipe, cancellationToken)).Model?.CopyTo(new RunFolder(staged.Path));
        using var process = Start(staged.Path);
        try
        {
            var errors = process.StandardError.ReadToEndAsync(cancellationToken);
            RateFinding? finding = null;
            while (await process.StandardOutput.ReadLineAsync(cancellationToken) is { } line)
            {
                if (RateLine.Parse(line) is not { } said) continue;
                finding = said.Finding ?? finding;
                await report(said);
            }
            await process.WaitForExitAsync(cancellationToken);
            return finding ?? throw new RateSearchException(RateSearchWords.NoResult((await errors)
                .Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).LastOrDefault()));
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }

    private async Task<Training.Core.Data.DatasetManifest> ManifestAsync(Recipe recipe, CancellationToken cancellationToken)
    {
        try
        {
            return await datasets.ManifestAsync(int.Parse(recipe.Dataset, System.Globalization.CultureInfo.InvariantCulture),
                recipe.ValFraction, recipe.Seed, cancellationToken);
        }
        catch (DatasetException gone)
        {
            throw new RateSearchException(gone.Message);
        }
    }

    private Process Start(string folder)
    {
        List<string> arguments = ["--json", "--run", folder, "--weights", options.Value.WeightsFolder, "--cache",
            options.Value.CacheFolder];
        var libtorch = options.Value.LibtorchFolder;
        if (libtorch.Length > 0) arguments.AddRange([TrainerOptions.LibtorchArgument, libtorch]);
        var start = OwnExecutable.Start(Verb, arguments, options.Value.Kernels);
        if (libtorch.Length > 0) new LibtorchFolder(libtorch).Prepare(start, options.Value.CacheFolder);
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        return Process.Start(start)!;
    }
}

/// <summary>What a search says in one line: what it does, a point, or what it found.</summary>
public sealed record RateLine(string? Phase, RatePoint? Point, RateFinding? Finding)
{
    /// <returns>Null for a line that is none: native libraries print too.</returns>
    public static RateLine? Parse(string line)
    {
        try
        {
            using var json = JsonDocument.Parse(line);
            if (json.RootElement.ValueKind != JsonValueKind.Object) return null;
            if (json.RootElement.TryGetProperty("phase", out var phase)) return new RateLine(phase.GetString(), null, null);
            if (json.RootElement.TryGetProperty("reason", out _))
                return new RateLine(null, null, json.Deserialize<RateFinding>(CoreJson.Figures));
            return json.RootElement.TryGetProperty("smoothed", out _)
                ? new RateLine(null, json.Deserialize<RatePoint>(CoreJson.Figures), null) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>A search that can't be made; the message is for people.</summary>
public sealed class RateSearchException(string message) : RefusalException(message);
