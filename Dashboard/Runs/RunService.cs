using Dashboard.Storage;
using Training.Core.Data;
using Training.Core.Runs;

namespace Dashboard.Runs;

/// <summary>The only door for what people do with runs: page and API alike.</summary>
public sealed class RunService
{
    /// <summary>Checks the recipe against its dataset, without storing anything; for validation beside the fields.</summary>
    public Task<IReadOnlyList<RecipeProblem>> CheckAsync(Recipe recipe, CancellationToken stop = default) => throw new NotImplementedException();

    /// <summary>Queues a run. Recipe.Dataset is a dataset's id or name.</summary>
    /// <exception cref="RecipeException">The recipe has errors; nothing was stored.</exception>
    public Task<RunRow> SubmitAsync(Recipe recipe, CancellationToken stop = default) => throw new NotImplementedException();

    /// <summary>A queued run ends at once; a live one is asked to stop and keeps its best weights. An ended run is left as it is.</summary>
    /// <returns>false when there is no such run.</returns>
    public Task<bool> StopAsync(int runId, CancellationToken stop = default) => throw new NotImplementedException();

    /// <summary>The recipe of a run, for a new one; null when there is no such run.</summary>
    public Task<Recipe?> CloneRecipeAsync(int runId, CancellationToken stop = default) => throw new NotImplementedException();

    /// <summary>Removes an ended run with its files.</summary>
    /// <exception cref="InvalidOperationException">It is still live; the message says to stop it first.</exception>
    public Task<bool> DeleteAsync(int runId, CancellationToken stop = default) => throw new NotImplementedException();

    /// <summary>Gives a run another name.</summary>
    public Task<bool> RenameAsync(int runId, string name, CancellationToken stop = default) => throw new NotImplementedException();
}

/// <summary>A recipe that can't run.</summary>
public sealed class RecipeException(IReadOnlyList<RecipeProblem> problems)
    : Exception(string.Join(" ", problems.Where(p => p.Severity == ProblemSeverity.Error).Select(p => p.Message)))
{
    public IReadOnlyList<RecipeProblem> Problems { get; } = problems;
}
