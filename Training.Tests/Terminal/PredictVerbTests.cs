using System.Text;
using Dashboard.Terminal;
using Training.Tests.Data;
using Training.Tests.Images;
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

    /// <summary>Rows, classified or with a reason, are as many as there are things that are no folders; nothing waits for a pipe.</summary>
    [SkippableFact]
    public async Task Predict_AFolderOfEverything_HasARowForEachThing()
    {
        using var photos = new PhotoFolder().With("cat", 3).With("cat/below", 2).With("@eaDir/000.png", 2).With(".git", 1)
            .Put("cat/Thumbs.db", 1)
            .Put("a\rb.png", Pictures.Small(90)).Put("=1+1.png", Pictures.Small(91)).Put("sub\\x.png", Pictures.Small(92));
        using var elsewhere = new PhotoFolder().With(".", 4);
        using var mkfifo = System.Diagnostics.Process.Start("mkfifo", [photos.In("cat/pipe.jpg")]);
        mkfifo.WaitForExit();
        Skip.If(mkfifo.ExitCode != 0, "mkfifo can't make a pipe here.");
        photos.PutRaw("raw", 0xb0, 0xed, (byte)'.', (byte)'p', (byte)'n', (byte)'g');
        Directory.CreateSymbolicLink(photos.In("linked"), elsewhere.Root);
        Directory.CreateSymbolicLink(photos.In("cat/up"), photos.Root);
        File.CreateSymbolicLink(photos.In("gone.png"), "/nowhere.png");
        File.CreateSymbolicLink(photos.In("cat/self.png"), "self.png");

        Assert.Equal(0, await RunAsync("all.csv", "--images", photos.Root));

        var rows = ReadCsv(await File.ReadAllTextAsync(_folder.In("all.csv"))).Skip(1).ToDictionary(row => row[0], row => row[1]);
        Assert.Equal(3 + 2 + 2 + 1 + 1 + 3 + 4 + 1 + 1 + 1 + 2, rows.Count);
        Assert.Equal(12, rows.Values.Count(reason => reason.Length == 0));
        Assert.Equal("is a named pipe, not a file", rows["cat/pipe.jpg"]);
        Assert.Equal("is a link that leads nowhere", rows["gone.png"]);
        Assert.Equal("is a link that leads nowhere", rows["cat/self.png"]);
        Assert.StartsWith("is a link that leads back", rows["cat/up"], StringComparison.Ordinal);
        Assert.StartsWith("is left behind", rows["cat/Thumbs.db"], StringComparison.Ordinal);
        Assert.Contains("@eaDir/000.png/001.png", rows.Keys);
        Assert.Contains("convmv -f cp949", rows["raw/\uFFFD\uFFFD.png"], StringComparison.Ordinal);
        Assert.All(["linked/003.png", "a\rb.png", "=1+1.png", "sub\\x.png"], name => Assert.Equal("", rows[name]));
    }

    [Fact]
    public async Task Predict_ForExcel_IsMarkedAsUtf8AndHoldsNoFormulas()
    {
        using var photos = new PhotoFolder().Put("=1+1.png", Pictures.Small(91)).Put("@x,y.png", Pictures.Small(92));

        Assert.Equal(0, await RunAsync("plain.csv", "--images", photos.Root));
        Assert.Equal(0, await RunAsync("excel.csv", "--images", photos.Root, "--excel"));

        var (plain, excel) = (await File.ReadAllBytesAsync(_folder.In("plain.csv")), await File.ReadAllBytesAsync(_folder.In("excel.csv")));
        Assert.Equal((byte)'f', plain[0]);
        Assert.Equal([0xEF, 0xBB, 0xBF], excel[..3]);
        Assert.Equal(["=1+1.png", "@x,y.png"], ReadCsv(Encoding.UTF8.GetString(plain)).Skip(1).Select(row => row[0]));
        Assert.Equal(["'=1+1.png", "'@x,y.png"], ReadCsv(Encoding.UTF8.GetString(excel[3..])).Skip(1).Select(row => row[0]));
        Assert.Equal(2, await RunAsync("excel.jsonl", "--images", photos.Root, "--excel"));
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

    private Task<int> RunAsync(string file, params string[] more) => Verbs.RunAsync(
        ["predict", "--model", model.Folder.Path, .. more.Contains("--images") ? [] : (string[])["--images", model.Photos.Root], "--out",
            _folder.In(file), .. more]);

    /// <summary>As RFC 4180 has it.</summary>
    private static List<string[]> ReadCsv(string text)
    {
        var rows = new List<string[]>();
        var (cells, cell, quoted) = (new List<string>(), new StringBuilder(), false);
        for (var at = 0; at < text.Length; at++)
        {
            if (quoted && text[at] == '"' && at + 1 < text.Length && text[at + 1] == '"') cell.Append(text[at++]);
            else if (text[at] == '"') quoted = !quoted;
            else if (quoted || text[at] is not (',' or '\n' or '\r')) cell.Append(text[at]);
            else
            {
                cells.Add(cell.ToString());
                cell.Clear();
                if (text[at] == ',') continue;
                rows.Add([.. cells]);
                cells.Clear();
            }
        }
        return rows;
    }
}
