using Dashboard.Terminal;
using Training.Tests.Inference;
using Training.Tests.TestKit;

namespace Training.Tests.Terminal;

[Collection(GlobalTorchState.Name)]
public sealed class PredictVerbTests(ExportedModel model) : IClassFixture<ExportedModel>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Predict_AFolder_WritesALineForEveryFile()
    {
        File.WriteAllText(Path.Combine(model.Photos.Root, "broken, \"too\".jpg"), "no image");

        var code = await RunAsync("predictions.csv", "--top", "2");

        Assert.Equal(0, code);
        var lines = await File.ReadAllLinesAsync(_folder.In("predictions.csv"));
        Assert.Equal(1 + 36 + 1, lines.Length);
        Assert.Equal("file,error,class1,probability1,class2,probability2", lines[0]);
        Assert.Contains(lines, line => line.StartsWith("\"broken, \"\"too\"\".jpg\",\"is a text file, not", StringComparison.Ordinal));
        Assert.Matches("^000.png,,(red|blue),0\\.\\d{6},(red|blue),0\\.\\d{6}$", lines[1]);
    }

    [Fact]
    public async Task Predict_AsJsonLines_GivesObjects()
    {
        Assert.Equal(0, await RunAsync("predictions.jsonl"));

        var first = System.Text.Json.JsonDocument.Parse((await File.ReadAllLinesAsync(_folder.In("predictions.jsonl")))[0]).RootElement;
        Assert.Equal("000.png", first.GetProperty("file").GetString());
        Assert.InRange(first.GetProperty("top")[0].GetProperty("probability").GetDouble(), 0.5, 1);
    }

    [Fact]
    public async Task Predict_OtherEnding_IsRefusedBeforeAnythingIsComputed()
    {
        Assert.Equal(2, await RunAsync("predictions.xlsx"));
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public async Task Export_AgainFromTheWeights_WritesTheSameModel()
    {
        var before = await File.ReadAllBytesAsync(model.Folder.Onnx);

        Assert.Equal(0, await Verbs.RunAsync(["export", "--model", model.Folder.Path]));

        Assert.Equal(before, await File.ReadAllBytesAsync(model.Folder.Onnx));
    }

    private Task<int> RunAsync(string file, params string[] more) =>
        Verbs.RunAsync(["predict", "--model", model.Folder.Path, "--images", model.Photos.Root, "--out", _folder.In(file), .. more]);
}
