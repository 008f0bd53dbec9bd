using Training.Core.Engine;
using Training.Core.Export;
using Training.Core.Formats;
using Training.Core.Inference;
using Training.Core.Recipes;
using Training.Core.Runs;
using Training.Tests.Inference;
using Training.Tests.TestKit;
using static TorchSharp.torch;

namespace Training.Tests.Export;

[Collection(GlobalTorchState.Name)]
public sealed class OnnxModelTests(ExportedModel model) : IClassFixture<ExportedModel>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Write_OfABestModel_LeavesBothFormatsAndTheCheckThatTheyAgree()
    {
        Assert.True(model.Check.IsGood, model.Check.ToString());
        Assert.Equal(12, model.Check.Images);
        Assert.Equal(model.Check, ExportCheck.Load(model.Folder.ExportCheck));
        using var scope = NewDisposeScope();
        var weights = SafetensorsFile.Read(model.Folder.Safetensors).Tensors;
        Assert.Equal([2, 512], weights["fc.weight"].shape);
        Assert.Contains("layer4.2.bn2.running_var", weights.Keys);
    }

    [Fact]
    public void Run_OfABatch_AgreesWithTheSavedModelHere()
    {
        using var onnx = new OnnxModel(model.Folder.Onnx);
        var evaluation = SavedModel.Evaluate(model.Folder.Path, model.Photos.Manifest);
        var squares = new byte[evaluation.Predictions.Count * onnx.SquareBytes];
        foreach (var (index, sample) in model.Photos.Manifest.Samples.Index())
            onnx.Prepare(model.Photos.Manifest.FullPath(sample), squares.AsSpan(index * onnx.SquareBytes));

        var output = onnx.Run(squares, evaluation.Predictions.Count);

        Assert.Equal(["red", "blue"], onnx.Classes);
        Assert.Equal(ExportedModel.Side, onnx.ImageSize);
        foreach (var (index, prediction) in evaluation.Predictions.Index())
        {
            var (label, probability) = output.Top(index, 1)[0];
            Assert.Equal(prediction.Predicted, label);
            Assert.Equal(prediction.TopProbabilities[0], probability, 1e-4);
        }
    }

    [Fact]
    public void ClassMap_OfAnImage_HasTheClassesLogitAsItsMean()
    {
        using var onnx = new OnnxModel(model.Folder.Onnx);
        var square = new byte[onnx.SquareBytes];
        onnx.Prepare(model.Photos.Manifest.FullPath(model.Photos.Manifest.Samples[3]), square);
        var output = onnx.Run(square, 1, withMap: true);

        var (red, blue) = (Mean(onnx.ClassMap(output, 0, 0)!), Mean(onnx.ClassMap(output, 0, 1)!));

        using var scope = NewDisposeScope();
        var bias = SafetensorsFile.Read(model.Folder.Safetensors).Tensors["fc.bias"].data<float>().ToArray();
        Assert.Equal(output.Logits[0], red + bias[0], 1e-4);
        Assert.Equal(output.Logits[1], blue + bias[1], 1e-4);
        static float Mean(float[,] map) => map.Cast<float>().Average();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100_000)]
    public void Open_OfADamagedFile_NamesIt(int bytes)
    {
        File.WriteAllBytes(_folder.In("model.onnx"), File.ReadAllBytes(model.Folder.Onnx)[..bytes]);

        var error = Assert.Throws<InvalidDataException>(() => new OnnxModel(_folder.In("model.onnx")));

        Assert.Contains("model.onnx is no model of this program, or damaged", error.Message, StringComparison.Ordinal);
        Assert.Throws<FileNotFoundException>(() => new OnnxModel(_folder.In("none.onnx")));
    }

    [Fact]
    public void Run_OverAFolder_GivesARowForEveryFileAndTheReasonForThoseItCannotRead()
    {
        using var onnx = new OnnxModel(model.Folder.Onnx);
        File.Copy(Path.Combine(model.Photos.Root, "000.png"), _folder.In("a.png"));
        Directory.CreateDirectory(_folder.In("안"));
        File.Copy(Path.Combine(model.Photos.Root, "001.png"), _folder.In("안/b.PNG"));
        File.WriteAllText(_folder.In("broken.jpg"), "no image");
        File.WriteAllText(_folder.In("notes.txt"), "no image either");
        var files = FolderPredictor.Files(_folder.Path);

        var rows = FolderPredictor.Run(onnx, files, top: 2).ToList();

        Assert.Equal(["a.png", "broken.jpg", "notes.txt", "안/b.PNG"], rows.Select(row => row.Path));
        Assert.All(rows[1..3], row => Assert.Contains("is a text file", row.Problem, StringComparison.Ordinal));
        Assert.All([rows[0], rows[3]], row => Assert.Equal(1, row.Top.Sum(each => each.Probability), 1e-6));
    }

    [Fact]
    public void Run_CompletedWithExports_LeavesTheOnnxModelOfTheBestEpoch()
    {
        using var run = new Engine.SessionRun(Request());

        var ended = run.Train();

        Assert.Equal(RunOutcome.Completed, ended.Outcome);
        Assert.True(ExportCheck.Load(run.Folder.ExportCheck)!.IsGood);
        Assert.Contains(run.Events.OfType<Logged>(), logged =>
            logged.Text.StartsWith("model.onnx gives 12 of 12", StringComparison.Ordinal));
    }

    [Fact]
    public void Run_ExportFails_TheRunIsCompletedAllTheSame()
    {
        using var run = new Engine.SessionRun(Request());
        Directory.CreateDirectory(Path.Combine(run.Folder.Onnx, "in the way"));

        var ended = run.Train();

        Assert.Equal(RunOutcome.Completed, ended.Outcome);
        Assert.Contains(run.Events.OfType<Logged>(), logged =>
            logged is { Level: RunLogLevel.Warning } && logged.Text.Contains("could not be written as ONNX", StringComparison.Ordinal));
    }

    private TrainingRequest Request() => new()
    {
        Recipe = Engine.SessionRun.Scratch with { Mode = TrainingMode.Transfer, Epochs = 1 }, Manifest = model.Photos.Manifest,
        Folder = null!, Events = null!, Exports = true,
    };
}
