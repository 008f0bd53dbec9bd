using Training.Core.Backbones;
using Training.Core.Engine;
using Training.Core.Export;
using Training.Core.Recipes;
using Training.Core.Runs;
using Training.Tests.TestKit;

namespace Training.Tests.Engine;

/// <summary>A model of the smallest network to start from, for runs that need pretrained weights and not what they know.</summary>
internal sealed class SmallModel : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public SmallModel(params string[] classes)
    {
        var spec = BackboneCatalog.Get(SessionRun.Small.Backbone);
        using var scope = TorchSharp.torch.NewDisposeScope();
        using var model = spec.Create(classes.Length);
        var folder = new RunFolder(_folder.Path);
        TorchExport.SavePth(model, folder.BestModel);
        ModelDescription.Of(spec, classes, SessionRun.Small).Save(folder.Classes);
    }

    /// <summary>A recipe that takes it, unless it starts from random numbers.</summary>
    public static Recipe RecipeOf(TrainingMode mode) =>
        SessionRun.Small with { Mode = mode, StartFrom = mode == TrainingMode.FromScratch ? null : "a small model" };

    /// <returns>The folder of a run that starts from it.</returns>
    public RunFolder CopyTo(string path)
    {
        var run = new RunFolder(Directory.CreateDirectory(path).FullName);
        StartModel.At(_folder.Path).CopyTo(run);
        return run;
    }

    public void Dispose() => _folder.Dispose();
}
