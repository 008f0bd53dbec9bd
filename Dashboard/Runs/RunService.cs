using Dashboard.Datasets;
using Dashboard.Processes;
using Dashboard.Runs.Artifacts;
using Dashboard.Runs.Submission;
using Dashboard.Runs.Words;
using Dashboard.Storage;
using Microsoft.Extensions.Options;
using Training.Core.Data;
using Training.Core.Recipes;

namespace Dashboard.Runs;

/// <summary>The only door for what people do with runs: page and API alike.</summary>
public sealed class RunService(
    RunStore runs, RunFiles files, RunChecks checks, RunSubmission submission, RepeatedRequests repeated, DatasetStore datasets,
    AttemptRequests requests, IOptions<DashboardOptions> options)
{
    /// <summary>Checks the recipe against its dataset, without storing anything; for validation beside the fields.</summary>
    public async Task<IReadOnlyList<RecipeProblem>> CheckAsync(Recipe recipe, CancellationToken cancellationToken = default) =>
        (await checks.CheckAsync(recipe, cancellationToken)).Problems;

    /// <summary>Queues a run. Recipe.Dataset is a dataset's id or name.</summary>
    /// <exception cref="RecipeException">The recipe has errors; nothing was stored.</exception>
    /// <exception cref="StorageException">The disk is full or can't be written; nothing half-made stays.</exception>
    /// <param name="key">Of the request: one that comes again with it gets the same run. Null: it has none.</param>
    public async Task<RunRow> SubmitAsync(Recipe recipe, string? key = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        var id = await repeated.OnceAsync(key, making => submission.QueueAsync(recipe, making), cancellationToken);
        if (await runs.GetAsync(id, cancellationToken) is { } run) return run;
        // What the first one made was deleted since.
        return await submission.QueueAsync(recipe, cancellationToken);
    }

    /// <summary>A queued run ends at once; a live one is asked to stop and keeps its best weights. An ended run is left as it is.</summary>
    public async Task<CommandResult> StopAsync(int runId, CancellationToken cancellationToken = default)
    {
        var asked = await runs.RequestStopAsync(runId, cancellationToken);
        if (asked.Concerned is { } attempt) await requests.StopAsync(attempt);
        return asked.Run is null ? CommandResult.NotFound : CommandResult.Done;
    }

    /// <summary>A queued run is held back; a live one writes a checkpoint after the step under way and frees its device.</summary>
    /// <returns>Refused when it is over or being stopped; one that rests already stays as it is.</returns>
    public async Task<CommandResult> PauseAsync(int runId, CancellationToken cancellationToken = default)
    {
        var asked = await runs.RequestPauseAsync(runId, cancellationToken);
        if (asked.Run is not { } run) return CommandResult.NotFound;
        if (asked.Concerned is { } attempt) await requests.PauseAsync(attempt);
        return asked.IsTaken || run.State == RunState.Paused
            ? CommandResult.Done
            : CommandResult.Refused(run.State.IsEnded() ? RunWords.OverSoNotPaused(run.Name) : RunWords.StoppingSoNotPaused(run.Name));
    }

    /// <summary>Whether a run rests and can go on from where it was.</summary>
    public bool CanResume(RunRow run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return run.State == RunState.Paused
            || (run.State is RunState.Stopped or RunState.Failed && File.Exists(options.Value.RunFolder(run.Id).Checkpoint));
    }

    /// <summary>Puts a paused run, or a stopped or failed one that left a checkpoint, back into the queue.</summary>
    /// <returns>Refused when it doesn't rest, left no checkpoint, or its images are gone; the sentence says what to do.</returns>
    public async Task<CommandResult> ResumeAsync(int runId, CancellationToken cancellationToken = default)
    {
        if (await runs.GetAsync(runId, cancellationToken) is not { } run) return CommandResult.NotFound;
        if (run.State == RunState.Queued || run.State.IsLive()) return CommandResult.Done;
        if (!CanResume(run)) return CommandResult.Refused(run.State == RunState.Completed
            ? RunWords.CompleteSoNotResumed(run.Name) : RunWords.NoCheckpointSoNotResumed(run.Name));
        if ((await datasets.ImagesAsync(run.DatasetId, run.DatasetName, cancellationToken)).Problem is { } problem)
            return CommandResult.Refused(RunWords.NoImagesSoNotResumed(run.Name, problem));
        await runs.ResumeAsync(runId, cancellationToken);
        return CommandResult.Done;
    }

    /// <summary>Puts a waiting run before another one, or first of all.</summary>
    /// <param name="before">Null: to the front.</param>
    /// <returns>false when one of them doesn't wait.</returns>
    public Task<bool> MoveInQueueAsync(int runId, int? before, CancellationToken cancellationToken = default) =>
        runs.MoveInQueueAsync(runId, before, cancellationToken);

    /// <summary>Lets a run wait before or behind others; of one that trains it counts if it has to wait again.</summary>
    /// <returns>false when there is no such run, or it has ended.</returns>
    public Task<bool> SetPriorityAsync(int runId, RunPriority priority, CancellationToken cancellationToken = default) =>
        runs.SetPriorityAsync(runId, priority, cancellationToken);

    /// <summary>The recipe of a run, for a new one; null when there is no such run.</summary>
    public async Task<Recipe?> CloneRecipeAsync(int runId, CancellationToken cancellationToken = default) =>
        (await runs.GetAsync(runId, cancellationToken))?.Recipe;

    /// <summary>Removes a run with its files, unless it is live.</summary>
    /// <returns>Refused while it is live; the sentence says to stop it first.</returns>
    public async Task<CommandResult> DeleteAsync(int runId, CancellationToken cancellationToken = default)
    {
        if (await runs.GetAsync(runId, cancellationToken) is not { } run) return CommandResult.NotFound;
        if (run.State.IsLive()) return Live(run);
        // Files first: a crash in between leaves a folder whose name says that the rest has to go too.
        using var discarded = files.Discard(runId);
        if (!await runs.RemoveAsync(runId, cancellationToken))
            return await runs.GetAsync(runId, cancellationToken) is { } meanwhile ? Live(meanwhile) : CommandResult.NotFound;
        discarded.Confirm();
        return CommandResult.Done;
    }

    /// <summary>Gives a run another name.</summary>
    /// <returns>false when there is no such run.</returns>
    /// <exception cref="RecipeException">The name is empty or too long.</exception>
    public async Task<bool> RenameAsync(int runId, string name, CancellationToken cancellationToken = default)
    {
        var wanted = name?.Trim() ?? "";
        if (wanted.Length == 0) throw new RecipeException([Error("name", RecipeWords.NameMissing)]);
        var problems = RecipeValidator.Validate(new Recipe { Dataset = "any", Name = wanted }).Where(problem => problem.Field == "name")
            .ToList();
        if (problems.Count > 0) throw new RecipeException(problems);
        return await runs.RenameAsync(runId, wanted, cancellationToken);
    }

    private static CommandResult Live(RunRow run) => CommandResult.Refused(
        run.State == RunState.Training ? RunWords.TrainsSoNotDeleted(run.Name) : RunWords.GetsReadySoNotDeleted(run.Name));

    private static RecipeProblem Error(string field, (string Message, string Remedy) words) =>
        new(ProblemSeverity.Error, field, words.Message, words.Remedy);
}

/// <summary>A recipe that can't run.</summary>
public sealed class RecipeException(IReadOnlyList<RecipeProblem> problems)
    : RefusalException(string.Join(" ", problems.Where(p => p.Severity == ProblemSeverity.Error).Select(p => p.Message)))
{
    public IReadOnlyList<RecipeProblem> Problems { get; } = problems;
}
