using System.Text.Json;
using Dashboard.Processes;
using Training.Core.Metrics;
using Training.Tests.Inference;
using Training.Tests.TestKit;

namespace Training.Tests.Terminal;

[Collection(GlobalTorchState.Name)]
public sealed class EvaluateVerbTests(ExportedModel model) : IClassFixture<ExportedModel>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Evaluate_AFolderWithATestSplitOfOneClass_MeasuresItAndNamesTheOther()
    {
        Photos("test/red", 4);

        var (code, output, errors) = await RunAsync("--json");

        Assert.Equal((0, ""), (code, Without(errors)));
        var answer = JsonDocument.Parse(output).RootElement;
        Assert.Equal(4, answer.GetProperty("images").GetInt32());
        var interval = WilsonInterval.Of(answer.GetProperty("accuracy").GetDouble(), 4)!.Value;
        Assert.Equal(interval.Low, answer.GetProperty("accuracyInterval").GetProperty("low").GetDouble(), 1e-12);
        Assert.Equal(interval.High, answer.GetProperty("accuracyInterval").GetProperty("high").GetDouble(), 1e-12);
        Assert.Equal("blue", Assert.Single(answer.GetProperty("notMeasured").EnumerateArray()).GetString());
        var blue = answer.GetProperty("classes")[1];
        Assert.Equal((JsonValueKind.Null, JsonValueKind.Null, 0),
            (blue.GetProperty("recall").ValueKind, blue.GetProperty("f1").ValueKind, blue.GetProperty("support").GetInt32()));
    }

    [Fact]
    public async Task Evaluate_AsText_ShowsTheIntervalAndWhatIsNotMeasured()
    {
        Photos("val/blue", 1);

        var (code, output, errors) = await RunAsync();

        Assert.Equal(0, code);
        Assert.Matches(@"red +[–0-9.]+ +– +– +0  not measured", output);
        Assert.Matches(@"accuracy [0-9.]+ % of 1 images \(95 % interval [0-9.]+–[0-9.]+ %\), loss", output);
        Assert.Contains("Never measured, for want of an image: 'red'.", errors, StringComparison.Ordinal);
        Assert.Contains("Measured on a single image, so 0 % or 100 %: 'blue'.", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Evaluate_ClassesThatTheModelDoesNotKnow_IsRefusedInItsOwnWords()
    {
        Photos("val/green", 2);

        var (code, output, errors) = await RunAsync("--json");

        Assert.Equal((2, ""), (code, output));
        Assert.Contains("No image here belongs to a class of the model", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("train split", errors, StringComparison.Ordinal);
    }

    private void Photos(string folder, int count)
    {
        for (var index = 0; index < count; index++) TestImages.Write(_folder.In(folder, $"{index}.jpg"), index, $"{index}");
    }

    /// <summary>Libraries may say something of their own.</summary>
    private static string Without(string errors) => errors.Contains("Warning:", StringComparison.Ordinal) ? errors : "";

    private async Task<(int Code, string Output, string Errors)> RunAsync(params string[] more)
    {
        var start = OwnExecutable.Start("evaluate", ["--model", model.Folder.Path, "--data", _folder.Path, .. more]);
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        using var process = System.Diagnostics.Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await errors);
    }
}
