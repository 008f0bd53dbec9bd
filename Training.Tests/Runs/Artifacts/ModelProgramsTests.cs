using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Dashboard.Terminal;
using Training.Core.Inference;
using Training.Tests.TestKit;

namespace Training.Tests.Runs.Artifacts;

/// <summary>The programs that go along with a model, really run: each says of photos what the dashboard's own predict verb says.</summary>
[Collection(GlobalTorchState.Name)]
public sealed partial class ModelProgramsTests(PhotoModel model) : IClassFixture<PhotoModel>, IDisposable
{
    /// <summary>Of a probability, which the programs print in tenths of a per cent: all resize with the same filter.</summary>
    private const double Tolerance = 0.002;

    private const string Python = "/usr/bin/python3";
    private readonly TemporaryFolder _folder = new();

    [SkippableFact]
    public async Task PredictCs_Unpacked_SaysOfPhotosWhatTheVerbSays()
    {
        foreach (var resize in Enum.GetValues<ResizeKind>())
        {
            var folder = await model.UnpackAsync(resize);
            // In one place, where the second run finds what the first one built.
            foreach (var name in new[] { "predict.cs", "model.onnx" })
                File.Copy(Path.Combine(folder, name), _folder.In(name), overwrite: true);
            await AssertSameAsync(folder, "dotnet", "run", _folder.In("predict.cs"));
        }
        Damage(_folder.Path);
        await AssertRefusedAsync("dotnet", "run", _folder.In("predict.cs"));
    }

    [SkippableFact]
    public async Task PredictPy_WithOnnxRuntime_SaysOfPhotosWhatTheVerbSays()
    {
        var python = await FirstWithAsync("numpy, onnxruntime, PIL.Image", Own, Python);
        Skip.If(python is null,
            $"Neither {Own} nor {Python} has ONNX Runtime, NumPy and Pillow: test.sh gets them where they are to be had.");
        foreach (var resize in Enum.GetValues<ResizeKind>())
        {
            var folder = await model.UnpackAsync(resize);
            await AssertSameAsync(folder, python!, Path.Combine(folder, "predict.py"));
        }
        foreach (var name in new[] { "predict.py", "model.onnx", "classes.json" })
            File.Copy(Path.Combine(await model.UnpackAsync(ResizeKind.CentreCrop), name), _folder.In(name));
        Damage(_folder.Path);
        await AssertRefusedAsync(python!, _folder.In("predict.py"));
    }

    [SkippableFact]
    public async Task PredictPy_WithPyTorchOnly_SaysOfPhotosWhatTheVerbSays()
    {
        Skip.If(await FirstWithAsync("numpy, torch, torchvision, PIL.Image", Python) is null,
            $"{Python} lacks PyTorch (apt-get install python3-pil python3-numpy python3-torch python3-torchvision).");
        var folder = await model.UnpackAsync(ResizeKind.CentreCrop);
        // As if it were not installed.
        await File.WriteAllTextAsync(_folder.In("onnxruntime.py"), "raise ImportError");

        await AssertSameAsync(folder, Python, Path.Combine(folder, "predict.py"));
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>Made by test.sh.</summary>
    private static string Own => Path.Combine(
        Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } cache ? cache
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache"),
            "fine-tune-dashboard/python/bin/python3");

    private async Task AssertSameAsync(string folder, params string[] program)
    {
        var photos = FolderPredictor.Files(model.Photos).Select(file => file.FullPath).ToList();
        Assert.Equal(0, await Verbs.RunAsync(
            ["predict", "--model", folder, "--images", model.Photos, "--out", _folder.In("verb.csv"), "--top", "9"]));
        var expected = (await File.ReadAllLinesAsync(_folder.In("verb.csv"))).Skip(1).Select(Row).ToList();

        var (code, said, complained) = await RunAsync(program[0], [.. program[1..], .. photos, _folder.In("none.jpg")]);

        Assert.True(code == 1, $"exit code {code}: {said} {complained}");
        Assert.Contains("none.jpg", complained, StringComparison.Ordinal);
        var lines = said.Trim().Split('\n');
        Assert.Equal(photos.Count, lines.Length);
        for (var index = 0; index < photos.Count; index++)
        {
            Assert.StartsWith($"{photos[index]}: {expected[index].First().Key} ", lines[index], StringComparison.Ordinal);
            var shares = Share().Matches(lines[index]).ToDictionary(
                match => match.Groups[1].Value, match => double.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture) / 100);
            Assert.Equal(expected[index].Count, shares.Count);
            foreach (var (label, probability) in expected[index])
                Assert.True(Math.Abs(probability - shares[label]) <= Tolerance,
                    $"{probability} for {label}, but {program[^1]} says {lines[index]}");
        }
    }

    /// <summary>Photos divided by nothing: the network gets, and gives, values that are no numbers.</summary>
    private static void Damage(string folder)
    {
        foreach (var name in new[] { "model.onnx", "classes.json" })
            if (Path.Combine(folder, name) is var path && File.Exists(path))
            {
                var text = Encoding.Latin1.GetString(File.ReadAllBytes(path));
                Assert.Contains("0.229", text, StringComparison.Ordinal);
                File.WriteAllBytes(path, Encoding.Latin1.GetBytes(Deviation().Replace(text, "0.000")));
            }
    }

    private async Task AssertRefusedAsync(params string[] program)
    {
        var (code, said, complained) = await RunAsync(program[0], [.. program[1..], FolderPredictor.Files(model.Photos).First().FullPath]);

        Assert.Equal((1, ""), (code, said.Trim()));
        Assert.Contains("the model's answer is no number", complained, StringComparison.Ordinal);
    }

    private static OrderedDictionary<string, double> Row(string line)
    {
        var cells = line.Split(',');
        Assert.Equal("", cells[1]);
        return new(cells[2..].Chunk(2).Select(pair => KeyValuePair.Create(pair[0], double.Parse(pair[1], CultureInfo.InvariantCulture))));
    }

    private async Task<string?> FirstWithAsync(string modules, params string[] pythons)
    {
        foreach (var python in pythons)
            if (File.Exists(python) && (await RunAsync(python, ["-c", $"import {modules}"])).Code == 0) return python;
        return null;
    }

    private async Task<(int Code, string Said, string Complained)> RunAsync(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true,
            WorkingDirectory = _folder.Path };
        // Servers that a build leaves behind would hold on to its output, and the tests' own settings are not the user's.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToList())
            start.Environment.Remove(name);
        (start.Environment["MSBUILDDISABLENODEREUSE"], start.Environment["UseSharedCompilation"]) = ("1", "false");
        start.Environment["PYTHONPATH"] = _folder.Path;
        using var process = Process.Start(start)!;
        var (said, complained) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, await said, await complained);
    }

    [GeneratedRegex(@"(\w+) ([\d.]+)%")]
    private static partial Regex Share();

    [GeneratedRegex(@"0\.22[459]")]
    private static partial Regex Deviation();
}
