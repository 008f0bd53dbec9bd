using Dashboard.Storage;
using Training.Core.Data;
using Training.Core.Runs;
using Training.Tests.TestKit;

namespace Training.Tests.Dispatch.Agent;

/// <summary>Photos are overwritten between the scan and the moment when another machine fetches them.</summary>
public sealed class AgentChangedPhotoTests : AgentStory
{
    [Fact]
    public async Task Machine_PhotosOverwrittenSinceTheScan_TrainsOnThemAsTheyAreAndSaysSo()
    {
        await BeginAsync(epochs: 1);
        var manifest = DatasetManifest.Load(Folder.Manifest);
        // All copies of one picture: of several, the one that is as it was would do.
        var changed = manifest.Samples.Where(sample => sample.Sha256 == manifest.Samples[0].Sha256).ToList();
        foreach (var sample in changed) TestImages.Write(manifest.FullPath(sample), 5, "another");

        Start(_one, "box one");
        var run = await Stored.EndAsync();

        Assert.Equal(RunState.Completed, run.State);
        var now = DatasetManifest.Load(Folder.Manifest);
        Assert.Equal(changed.Select(sample => sample.Path).Order(StringComparer.Ordinal), now.Changed);
        Assert.DoesNotContain(now.Samples, sample => sample.Sha256 == manifest.Samples[0].Sha256);
        await using var db = _dashboard.Database();
        Assert.Contains(db.Logs.Where(log => log.RunId == Run && log.Level == RunLogLevel.Warning).AsEnumerable(),
            log => log.Text.Contains($"{changed.Count} images have changed since the dataset was scanned", StringComparison.Ordinal)
                && log.Text.Contains(changed[0].Path, StringComparison.Ordinal));
    }
}
