using System.Globalization;
using System.Text.Json;
using Dashboard.Datasets;
using Dashboard.Runs.Artifacts;
using Dashboard.Runs.Weights;
using Dashboard.Storage;
using Dashboard.Storage.Words;
using Microsoft.Extensions.Options;
using Training.Core.Data;
using Training.Core.Engine;
using Training.Core.Recipes;
using Training.Core.Runs;

namespace Dashboard.Runs.Submission;

/// <summary>What makes a run of a recipe: its row and its folder, both or neither.</summary>
public sealed class RunSubmission(
    RunStore runs, RunFiles files, RunChecks checks, DatasetStore datasets, StartModels starts, IOptions<DashboardOptions> options,
    TimeProvider time)
{
    /// <summary>Puts a run into the queue.</summary>
    /// <exception cref="RecipeException">The recipe has errors; nothing was stored.</exception>
    /// <exception cref="StorageException">The disk is full or can't be written; nothing half-made stays.</exception>
    public async Task<RunRow> QueueAsync(Recipe recipe, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        var (dataset, problems) = await checks.CheckAsync(recipe, cancellationToken);
        if (dataset is null || problems.Any(problem => problem.Severity == ProblemSeverity.Error)) throw new RecipeException(problems);
        var (source, start) = await starts.GetAsync(recipe, cancellationToken);
        recipe = recipe with { StartFrom = source?.Id.ToString(CultureInfo.InvariantCulture),
            Dataset = dataset.Id.ToString(CultureInfo.InvariantCulture), Name = NameOf(recipe, dataset) };
        var manifest = await ManifestAsync(dataset, recipe, cancellationToken);
        var run = new RunRow
        {
            Name = recipe.Name, DatasetId = dataset.Id, DatasetName = dataset.Name, Classes = [.. dataset.Classes],
            RecipeJson = JsonSerializer.Serialize(recipe, CoreJson.Options), CreatedAt = time.GetUtcNow(), Epochs = recipe.Epochs,
            TrainSamples = manifest.Samples.Count(sample => sample.Split == Split.Train),
            ValSamples = manifest.Samples.Count(sample => sample.Split == Split.Val),
            BoundTo = recipe.Machine == Recipe.AnyMachine ? "" : recipe.Machine, Priority = recipe.Priority,
        };
        await StoreAsync(run, recipe, manifest, start, cancellationToken);
        return (await runs.GetAsync(run.Id, cancellationToken))!;
    }

    private async Task StoreAsync(
        RunRow run, Recipe recipe, DatasetManifest manifest, StartModel? start, CancellationToken cancellationToken)
    {
        try
        {
            using var staged = files.Stage(recipe, manifest);
            start?.CopyTo(new RunFolder(staged.Path));
            await runs.AddAsync(run, staged.MoveTo, cancellationToken);
        }
        catch (Exception exception)
            when (StorageException.Explain(exception.InnerException ?? exception, StorageWords.DataRoot(options.Value.DataRoot))
                is { } explained)
        {
            throw explained;
        }
    }

    private async Task<DatasetManifest> ManifestAsync(DatasetRow dataset, Recipe recipe, CancellationToken cancellationToken)
    {
        try
        {
            return await datasets.ManifestAsync(dataset.Id, recipe.ValFraction, recipe.Seed, cancellationToken);
        }
        catch (DatasetException exception)
        {
            // Deleted or looked through anew since it was checked.
            throw new RecipeException([new RecipeProblem(ProblemSeverity.Error, exception.Field, exception.Message, "")]);
        }
    }

    private static string NameOf(Recipe recipe, DatasetRow dataset)
    {
        if (recipe.Name?.Trim() is { Length: > 0 } name) return name;
        var preset = Presets.All.FirstOrDefault(preset => preset.Name == recipe.Preset && preset.Mode == recipe.Mode);
        return $"{dataset.Name} · {(preset ?? Presets.DefaultOf(recipe.Mode)).Title}";
    }
}
