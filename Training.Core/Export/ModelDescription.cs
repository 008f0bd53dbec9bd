using System.Text.Json;
using Training.Core.Backbones;
using Training.Core.Devices;
using Training.Core.Images;
using Training.Core.Recipes;
using Training.Core.Runs;

namespace Training.Core.Export;

/// <summary>classes.json: what someone needs beside best_model.pth to use it.</summary>
public sealed record ModelDescription
{
    /// <summary>In the order of the model's outputs.</summary>
    public required IReadOnlyList<string> Classes { get; init; }
    public required string Backbone { get; init; }

    /// <summary>How to build the same network in torchvision, such as "ResNet(BasicBlock, [2, 2, 2, 3], num_classes=2)".</summary>
    public required string Torchvision { get; init; }

    public required int ImageSize { get; init; }
    public required ResizeKind Resize { get; init; }

    /// <summary>
    /// Whether JPEGs were decoded in full before they were resized; otherwise as Pillow's draft mode does it for the same size.
    /// </summary>
    public bool FullDecode { get; init; }

    /// <summary>Of RGB values 0–1.</summary>
    public required IReadOnlyList<float> Mean { get; init; }

    /// <summary>Of RGB values 0–1.</summary>
    public required IReadOnlyList<float> Deviation { get; init; }

    /// <summary>What the run computed in; evaluating in the same gives the same numbers.</summary>
    public PrecisionKind Precision { get; init; }

    /// <summary>Whether the accuracy is that of each image and its mirror image together.</summary>
    public bool TestTimeFlip { get; init; }
    public int? BestEpoch { get; init; }
    public double? ValAccuracy { get; init; }

    public static ModelDescription Of(BackboneSpec backbone, IReadOnlyList<string> classes, Recipe recipe) => new()
    {
        Classes = classes,
        Backbone = backbone.Name,
        Torchvision = backbone.TorchvisionConstruction(classes.Count),
        ImageSize = recipe.ImageSize,
        Resize = recipe.Resize,
        FullDecode = recipe.FullDecode,
        Mean = Normalisation.Mean,
        Deviation = Normalisation.Deviation,
        Precision = recipe.Precision,
        TestTimeFlip = recipe.TestTimeFlip,
    };

    public void Save(string path) => AtomicFile.WriteText(path, JsonSerializer.Serialize(this, CoreJson.Indented));

    /// <exception cref="FileNotFoundException">The file is missing; the message names it.</exception>
    /// <exception cref="InvalidDataException">Not such a file; the message names it.</exception>
    public static ModelDescription Load(string path)
    {
        try
        {
            var description = JsonSerializer.Deserialize<ModelDescription>(File.ReadAllText(path), CoreJson.Options);
            // "required" asks for the names only; null and empty values pass it.
            if (description is not { Classes.Count: > 0, Backbone.Length: > 0, ImageSize: > 0 })
                throw new InvalidDataException($"{path} does not describe a model: it needs classes, backbone and imageSize.");
            return description;
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"{path} does not describe a model: {error.Message}", error);
        }
    }
}
