using System.Text.Json;
using Dashboard.Storage;
using Training.Tests.TestKit;
using Training.Tests.TestProcesses;

namespace Training.Tests.Dispatch.Agent;

/// <summary>A machine joins, trains, and its files come back.</summary>
public sealed class AgentJoinTests : AgentStory
{
    [Fact]
    public async Task Machine_ThatJoins_TrainsWhatWaitsAndItsFilesComeBack()
    {
        await BeginAsync(epochs: 3);
        var stranger = AgentProcess.Start(_other.Path, _dashboard.Url, "stranger", "made up");
        _agents.Add(stranger);
        var agent = Start(_one, "box one");

        await Eventually.TrueAsync(async () => (await MachinesAsync()).Contains("box one", StringComparison.Ordinal),
            "the machine is listed");
        var run = await Stored.EndAsync();

        Assert.Equal((RunState.Completed, "box one"), (run.State, run.Machine));
        Assert.All([Folder.BestModel, Folder.Onnx, Folder.Safetensors, Folder.Classes, Folder.Metrics, Folder.ExportCheck], file =>
            Assert.True(File.Exists(file), file));
        Assert.All(Enumerable.Range(1, 3), epoch => Assert.True(File.Exists(Folder.Predictions(epoch)), $"predictions of epoch {epoch}"));
        Assert.False(File.Exists(Folder.Checkpoint), "A run that is complete has nothing to resume.");
        Assert.Empty(Directory.EnumerateFiles(Folder.Path, "*.arriving", SearchOption.AllDirectories));
        // The manifest of the dashboard still leads to its own images.
        Assert.StartsWith(_root.Path, JsonDocument.Parse(File.ReadAllText(Folder.Manifest)).RootElement.GetProperty("root").GetString()!,
            StringComparison.Ordinal);
        Assert.Contains("Joined", agent.Output, StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_one.In("machine-key.txt")));
        // Whoever has no token of this dashboard learns why, and isn't listed.
        Assert.Equal(2, await stranger.ExitAsync());
        Assert.Contains("doesn't know this token", stranger.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("stranger", await MachinesAsync(), StringComparison.Ordinal);
    }
}
