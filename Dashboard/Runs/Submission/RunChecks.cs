using Dashboard.Datasets;
using Dashboard.Machines;
using Dashboard.Runs.Weights;
using Dashboard.Runs.Words;
using Dashboard.Storage;
using Microsoft.Extensions.Options;
using Training.Core.Backbones;
using Training.Core.Data;
using Training.Core.Recipes;

namespace Dashboard.Runs.Submission;

/// <summary>
/// Whether a recipe can run here: beside its own rules, whether its dataset, its weights, its machine and the model that it starts from are
/// there. Changes nothing.
/// </summary>
public sealed class RunChecks(
    DatasetStore datasets, MachineRegistry machines, MachineStore joined, StartModels starts, IOptions<DashboardOptions> options)
{
    private static readonly string[] AnyOf = [Recipe.AnyMachine, Recipe.AnyGpu, Recipe.AnyCpu];

    /// <returns>The dataset that the recipe names, null when there is none; and all problems, those of the dataset first.</returns>
    public async Task<(DatasetRow? Dataset, IReadOnlyList<RecipeProblem> Problems)> CheckAsync(
        Recipe recipe, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        var dataset = await FindAsync(recipe, cancellationToken);
        return (dataset, [.. Check(recipe, dataset), .. await CheckMachineAsync(recipe, cancellationToken),
            .. await starts.CheckAsync(recipe, cancellationToken)]);
    }

    private async Task<DatasetRow?> FindAsync(Recipe recipe, CancellationToken cancellationToken) =>
        string.IsNullOrWhiteSpace(recipe.Dataset) ? null : await datasets.FindAsync(recipe.Dataset, cancellationToken);

    private List<RecipeProblem> Check(Recipe recipe, DatasetRow? dataset)
    {
        var outline = dataset is { State: DatasetState.Ready } ? datasets.Outline(dataset) : null;
        List<RecipeProblem> problems = [.. RecipeValidator.Validate(recipe, outline)];
        if (DatasetProblem(recipe, dataset) is { } ofDataset) problems.Insert(0, ofDataset);
        if (WeightsProblem(recipe) is { } ofWeights) problems.Add(ofWeights);
        return problems;
    }

    private RecipeProblem? DatasetProblem(Recipe recipe, DatasetRow? dataset) => dataset switch
    {
        null when string.IsNullOrWhiteSpace(recipe.Dataset) => null,
        null => Error("dataset", RecipeWords.NoDataset(recipe.Dataset)),
        { State: DatasetState.Scanning } => Error("dataset", RecipeWords.DatasetIsLookedThrough(dataset.Name)),
        { State: DatasetState.Failed } => Error("dataset", RecipeWords.DatasetFailed(dataset.Name, dataset.Message)),
        _ => datasets.Closed(dataset) is { } closed ? Error("dataset", (closed, "")) : null,
    };

    private RecipeProblem? WeightsProblem(Recipe recipe)
    {
        if (recipe.Mode == TrainingMode.FromScratch || recipe.StartFrom is not null) return null;
        var spec = BackboneCatalog.All.FirstOrDefault(spec => spec.Name == recipe.Backbone);
        if (spec is null || PretrainedWeights.IsAvailable(spec, options.Value.WeightsFolder, out var whatToDo)) return null;
        return Error("backbone", RecipeWords.WeightsMissing(spec.Title, spec.Name, whatToDo));
    }

    /// <summary>A machine that is away now may be waited for; one that was never here may not.</summary>
    private async Task<IReadOnlyList<RecipeProblem>> CheckMachineAsync(Recipe recipe, CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(recipe.Machine) || AnyOf.Contains(recipe.Machine) || machines.Get(recipe.Machine) is not null)
            return [];
        var names = (await joined.ListAsync(cancellationToken)).Select(row => row.Name)
            .Concat(machines.Machines.Select(machine => machine.Name)).Distinct().ToList();
        return names.Contains(recipe.Machine) ? []
            : [Error("machine", RecipeWords.NoMachine(recipe.Machine, names.Concat(AnyOf)))];
    }

    private static RecipeProblem Error(string field, (string Message, string Remedy) words) =>
        new(ProblemSeverity.Error, field, words.Message, words.Remedy);
}
