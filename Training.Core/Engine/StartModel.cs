using Training.Core.Backbones;
using Training.Core.Data.Folders;
using Training.Core.Export;
using Training.Core.Runs;

namespace Training.Core.Engine;

/// <summary>
/// Another run's model, or a file of weights, from which a run starts instead of ImageNet's weights. It is copied into the run's folder, so
/// that the run can be resumed whatever becomes of the source.
/// </summary>
/// <param name="Weights">A .pth or .safetensors file.</param>
/// <param name="Description">Of the model; null for a file that has no classes.json beside it.</param>
public sealed record StartModel(string Weights, ModelDescription? Description)
{
    /// <param name="path">A run's or a model's folder, or a file of weights.</param>
    /// <exception cref="WeightsException">There is no model; the message says what is looked for.</exception>
    public static StartModel At(string path)
    {
        var isFolder = Directory.Exists(path);
        var weights = isFolder ? new RunFolder(path).BestModel : Path.GetFullPath(path);
        if (!File.Exists(weights))
            throw new WeightsException(isFolder
                ? $"startFrom: {path} holds no model: best_model.pth is missing."
                : $"startFrom: there is no {path}. Name a model's folder, or a file of weights (.pth or .safetensors).");
        var folder = new RunFolder(Path.GetDirectoryName(weights)!);
        return new StartModel(weights, File.Exists(folder.Classes) ? ModelDescription.Load(folder.Classes) : null);
    }

    /// <summary>What a run's folder holds by <see cref="CopyTo"/>; null: it starts from ImageNet's weights.</summary>
    public static StartModel? In(RunFolder run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return Directory.Exists(run.StartFolder)
            && Directory.EnumerateFiles(run.StartFolder).FirstOrDefault(IsWeights) is { } weights ? At(weights) : null;
    }

    /// <exception cref="IOException">The disk is full.</exception>
    public void CopyTo(RunFolder run)
    {
        ArgumentNullException.ThrowIfNull(run);
        Directory.CreateDirectory(run.StartFolder);
        File.Copy(Weights, Path.Combine(run.StartFolder, Path.GetFileName(Weights)), overwrite: true);
        Description?.Save(new RunFolder(run.StartFolder).Classes);
    }

    /// <summary>
    /// Why a run with this backbone can't start from it, with the remedy; null: it can, as far as is known without opening it.
    /// </summary>
    public string? Mismatch(BackboneSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        if (Description is null || Description.Backbone == spec.Name) return null;
        var own = BackboneCatalog.All.FirstOrDefault(each => each.Name == Description.Backbone)?.Title ?? Description.Backbone;
        return $"The model to start from is a {own} and this run's backbone {spec.Title}. Choose {own}, or another model.";
    }

    /// <summary>Loads the backbone, and the head too where it has the same classes in the same order.</summary>
    /// <returns>What was taken, in a sentence.</returns>
    /// <exception cref="WeightsException">The weights are damaged or of another network.</exception>
    public string LoadInto(ImageClassifier network, BackboneSpec spec, IReadOnlyList<string> classes)
    {
        if (Mismatch(spec) is { } mismatch) throw new WeightsException(mismatch);
        var takesHead = Description is not null
            && Description.Classes.Select(ClassNames.Of).SequenceEqual(classes.Select(ClassNames.Of), StringComparer.Ordinal);
        PretrainedWeights.LoadFileInto(network, Weights, takesHead);
        return takesHead ? "The head comes from there too: the classes are the same."
            : Description is null ? "The head is new: nothing is known of that model's classes."
            : $"The head is new: that model's classes were {string.Join(", ", Description.Classes)}.";
    }

    private static bool IsWeights(string path) =>
        path.EndsWith(".json", StringComparison.OrdinalIgnoreCase) is false && !path.EndsWith(".part", StringComparison.Ordinal);
}
