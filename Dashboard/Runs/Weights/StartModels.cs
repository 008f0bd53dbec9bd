using System.Globalization;
using Dashboard.Runs.Words;
using Dashboard.Storage;
using Microsoft.Extensions.Options;
using Training.Core.Backbones;
using Training.Core.Data;
using Training.Core.Engine;
using Training.Core.Recipes;

namespace Dashboard.Runs.Weights;

/// <summary>Finished runs as starts of the next ones.</summary>
public sealed class StartModels(RunStore runs, IOptions<DashboardOptions> options)
{
    private const string Field = "startFrom";

    /// <summary>The newest runs that are over and left a model of this backbone.</summary>
    /// <param name="name">Only those whose name has this in it; empty: any.</param>
    public Task<IReadOnlyList<RunRow>> ListAsync(string backbone, string? name, int most, CancellationToken cancellationToken = default) =>
        runs.WithModelAsync(backbone, name, most, cancellationToken);

    /// <summary>A run by its id, or else by its name, of several the newest; null when there is none.</summary>
    public async Task<RunRow?> FindAsync(string idOrName, CancellationToken cancellationToken = default) =>
        int.TryParse(idOrName, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
        && await runs.GetAsync(id, cancellationToken) is { } run ? run
            : await runs.FindAsync(idOrName, cancellationToken);

    public static bool HasModel(RunRow run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return run.State.IsEnded() && run.BestEpoch is not null;
    }

    /// <summary>What keeps the recipe from starting where it says.</summary>
    public async Task<IReadOnlyList<RecipeProblem>> CheckAsync(Recipe recipe, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        if (recipe.StartFrom is null || recipe.Mode == TrainingMode.FromScratch) return [];
        return (await OpenAsync(recipe, cancellationToken)).Problem is { } problem ? [problem] : [];
    }

    /// <summary>The model that the recipe starts from, and its run; nulls when it names none.</summary>
    /// <exception cref="RecipeException">There is none, or of another network.</exception>
    public async Task<(RunRow? Run, StartModel? Model)> GetAsync(Recipe recipe, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        if (recipe.StartFrom is null) return default;
        var (run, model, problem) = await OpenAsync(recipe, cancellationToken);
        return problem is null ? (run, model) : throw new RecipeException([problem]);
    }

    private async Task<(
        RunRow? Run, StartModel? Model, RecipeProblem? Problem)> OpenAsync(Recipe recipe, CancellationToken cancellationToken)
    {
        var run = await FindAsync(recipe.StartFrom!, cancellationToken);
        if (run is null)
            return Refused(RecipeWords.NoRunToStartFrom(recipe.StartFrom!));
        if (!HasModel(run))
            return Refused(run.State.IsEnded() ? RecipeWords.StartLeftNoModel(run.Name) : RecipeWords.StartIsNotOver(run.Name));
        try
        {
            var model = StartModel.At(options.Value.RunFolder(run.Id).Path);
            return BackboneCatalog.All.FirstOrDefault(spec => spec.Name == recipe.Backbone) is { } spec
                && model.Mismatch(spec) is { } mismatch
                ? Refused((mismatch, "")) : (run, model, null);
        }
        catch (Exception exception) when (exception is WeightsException or InvalidDataException or IOException)
        {
            return Refused(RecipeWords.StartCantBeUsed(run.Name, exception.Message));
        }
    }

    private static (RunRow?, StartModel?, RecipeProblem?) Refused((string Message, string Remedy) words) =>
        (null, null, new RecipeProblem(ProblemSeverity.Error, Field, words.Message, words.Remedy));
}
