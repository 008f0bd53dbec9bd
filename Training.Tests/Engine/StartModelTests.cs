using TorchSharp;
using Training.Core.Backbones;
using Training.Core.Engine;
using Training.Core.Export;
using Training.Core.Formats;
using Training.Core.Recipes;
using Training.Core.Runs;
using Training.Tests.TestKit;
using static TorchSharp.torch;

namespace Training.Tests.Engine;

/// <summary>A run that starts from another run's model.</summary>
[Collection(GlobalTorchState.Name)]
public sealed class StartModelTests : IDisposable
{
    private static readonly BackboneSpec Spec = BackboneCatalog.Get("mobilenet_v3_small");

    private readonly TinyPhotos _photos = new();
    private readonly TemporaryFolder _source = new();
    private readonly TemporaryFolder _run = new();
    private readonly DisposeScope _scope = NewDisposeScope();

    private RunFolder Source => new(_source.Path);

    private static Recipe Recipe => SessionRun.Scratch with
    {
        Mode = TrainingMode.FineTune, Backbone = Spec.Name, StartFrom = "the first", HeadEpochs = 0, Epochs = 1,
    };

    [Fact]
    public void Start_WithTheSameClasses_TakesBackboneAndHead()
    {
        using var model = Save(["red", "blue"]);

        var parts = Parts();

        AssertSame(model, parts.Network, head: true);
        Assert.Equal("The head comes from there too: the classes are the same.", parts.Started);
        parts.Network.Dispose();
    }

    [Theory]
    [InlineData("blue,red", "The head is new: that model's classes were blue, red.")]
    [InlineData("red,green,blue", "The head is new: that model's classes were red, green, blue.")]
    public void Start_WithOtherClasses_GetsANewHead(string classes, string expected)
    {
        using var model = Save(classes.Split(','));

        var parts = Parts();

        AssertSame(model, parts.Network, head: false);
        Assert.Equal(expected, parts.Started);
        parts.Network.Dispose();
    }

    [Fact]
    public void Start_FromAPlainSafetensorsFile_TakesTheBackbone()
    {
        using var model = Save(["red", "blue"]);
        var file = _source.In("other.safetensors");
        SafetensorsFile.Write(file, model.StateDict(), new Dictionary<string, string>());
        File.Delete(Source.Classes);
        StartModel.At(file).CopyTo(new RunFolder(_run.Path));

        var parts = SessionParts.Create(Request());

        AssertSame(model, parts.Network, head: false);
        Assert.Equal("The head is new: nothing is known of that model's classes.", parts.Started);
        parts.Network.Dispose();
    }

    [Fact]
    public void Start_FromAnotherBackbone_NamesBoth()
    {
        using var model = Save(["red", "blue"]);

        Assert.Equal(
            "The model to start from is a MobileNetV3 small and this run's backbone MobileNetV2. Choose MobileNetV3 small, or another "
                + "model.",
            StartModel.At(_source.Path).Mismatch(BackboneCatalog.Get("mobilenet_v2")));
        Assert.Null(StartModel.At(_source.Path).Mismatch(Spec));
    }

    [Fact]
    public void At_WithoutAModel_SaysWhatIsMissing()
    {
        Assert.Contains("best_model.pth is missing", Assert.Throws<WeightsException>(() => StartModel.At(_source.Path)).Message,
            StringComparison.Ordinal);
        Assert.Contains("Name a model's folder", Assert.Throws<WeightsException>(() => StartModel.At(_source.In("none.pth"))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Start_ThatIsNotInTheRunsFolder_SaysWhatToDo() =>
        Assert.Contains("Clone the run", Assert.Throws<WeightsException>(() => SessionParts.Create(Request())).Message,
            StringComparison.Ordinal);

    [Fact]
    public void Run_WhoseSourceIsDeletedWhileItRests_GoesOnAndEndsWithoutTheCopy()
    {
        var folder = new RunFolder(_run.Path);
        using (Save(["red", "blue"])) StartModel.At(_source.Path).CopyTo(folder);
        using var first = new SessionRun(_photos, Recipe with { Epochs = 2 }, folder);
        first.After = runEvent => { if (runEvent is StepCompleted { Step: 2 }) first.Pause(); };
        Assert.Equal(RunOutcome.Paused, first.Train().Outcome);
        Directory.Delete(_source.Path, recursive: true);

        using var second = new SessionRun(_photos, Recipe with { Epochs = 2 }, folder);

        Assert.Equal(RunOutcome.Completed, second.Train().Outcome);
        Assert.Contains(second.Events.OfType<Logged>(), line =>
            line.Text.StartsWith("Starts from the model of the first. The head comes", StringComparison.Ordinal));
        Assert.False(Directory.Exists(folder.StartFolder));
    }

    public void Dispose()
    {
        _scope.Dispose();
        _photos.Dispose();
        _run.Dispose();
        if (Directory.Exists(_source.Path)) _source.Dispose();
    }

    private ImageClassifier Save(string[] classes)
    {
        var model = Spec.Create(classes.Length);
        TorchExport.SavePth(model, Source.BestModel);
        ModelDescription.Of(Spec, classes, Recipe).Save(Source.Classes);
        return model;
    }

    private SessionParts Parts()
    {
        StartModel.At(_source.Path).CopyTo(new RunFolder(_run.Path));
        return SessionParts.Create(Request());
    }

    private TrainingRequest Request() =>
        new() { Recipe = Recipe, Manifest = _photos.Manifest, Folder = new RunFolder(_run.Path), Events = null! };

    private static void AssertSame(ImageClassifier expected, ImageClassifier actual, bool head)
    {
        var state = expected.StateDict();
        Assert.All(actual.StateDict().Where(entry => !actual.IsHead(entry.Key)), entry =>
            Assert.True(entry.Value.Equals(state[entry.Key]), entry.Key));
        Assert.Equal(head, actual.StateDict()["classifier.3.weight"].Equals(state["classifier.3.weight"]));
    }
}
