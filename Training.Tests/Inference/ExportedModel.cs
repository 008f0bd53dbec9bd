using Training.Core.Backbones;
using Training.Core.Engine;
using Training.Core.Export;
using Training.Core.Recipes;
using Training.Core.Runs;
using Training.Tests.Engine;
using Training.Tests.TestKit;
using static TorchSharp.torch;

namespace Training.Tests.Inference;

/// <summary>A run's folder with a model of random weights, exported; shared, since writing one takes a second.</summary>
public sealed class ExportedModel : IDisposable
{
    public const int Side = 32;

    private readonly TemporaryFolder _folder = new();

    public ExportedModel()
    {
        Folder = new RunFolder(_folder.Path);
        var recipe = SessionRun.Scratch with { ImageSize = Side };
        Folder.Write(recipe, Photos.Manifest);
        manual_seed(5);
        using var network = PretrainedWeights.Create(BackboneCatalog.Get(recipe.Backbone), Photos.Manifest.Classes.Count);
        TorchExport.SavePth(network, Folder.BestModel);
        ModelDescription.Of(BackboneCatalog.Get(recipe.Backbone), Photos.Manifest.Classes, recipe).Save(Folder.Classes);
        Check = ModelExport.Write(Folder, Photos.Manifest)!;
    }

    public RunFolder Folder { get; }

    public ExportCheck Check { get; }

    internal TinyPhotos Photos { get; } = new();

    public void Dispose()
    {
        Photos.Dispose();
        _folder.Dispose();
    }
}
