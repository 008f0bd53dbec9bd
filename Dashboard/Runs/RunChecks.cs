using Dashboard.Datasets;
using Dashboard.Machines;
using Dashboard.Runs.Weights;
using Dashboard.Storage;
using Microsoft.Extensions.Options;
using Training.Core.Backbones;
using Training.Core.Data;
using Training.Core.Recipes;

namespace Dashboard.Runs;

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
        null => Error("dataset", $"There is no dataset “{recipe.Dataset}”.", "Choose another one; GET /api/datasets lists them."),
        { State: DatasetState.Scanning } => Error("dataset", $"“{dataset.Name}” is still being looked through.", "Wait until it is ready."),
        { State: DatasetState.Failed } =>
            Error("dataset", $"“{dataset.Name}” can't be used: {dataset.Message}",
                "Repair it and look through it again, or choose another one."),
        _ => datasets.Closed(dataset) is { } closed ? Error("dataset", closed, "") : null,
    };

    private RecipeProblem? WeightsProblem(Recipe recipe)
    {
        if (recipe.Mode == TrainingMode.FromScratch || recipe.StartFrom is not null) return null;
        var spec = BackboneCatalog.All.FirstOrDefault(spec => spec.Name == recipe.Backbone);
        if (spec is null || PretrainedWeights.IsAvailable(spec, options.Value.WeightsFolder, out var whatToDo)) return null;
        return Error("backbone", $"The pretrained weights of {spec.Title} are not here.",
            $"Download them: the form has a button, programs POST /api/backbones/{spec.Name}/download. Offline: {whatToDo}");
    }

    /// <summary>A machine that is away now may be waited for; one that was never here may not.</summary>
    private async Task<IReadOnlyList<RecipeProblem>> CheckMachineAsync(Recipe recipe, CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(recipe.Machine) || AnyOf.Contains(recipe.Machine) || machines.Get(recipe.Machine) is not null)
            return [];
        var names = (await joined.ListAsync(cancellationToken)).Select(row => row.Name)
            .Concat(machines.Machines.Select(machine => machine.Name)).Distinct().ToList();
        return names.Contains(recipe.Machine) ? []
            : [Error("machine", $"There is no machine “{recipe.Machine}”.", $"Take one of: {string.Join(", ", names.Concat(AnyOf))}.")];
    }

    private static RecipeProblem Error(string field, string message, string remedy) => new(ProblemSeverity.Error, field, message, remedy);
}
