using Training.Core.Data;
using Training.Core.Engine;
using Training.Core.Recipes;
using Training.Core.Runs;
using Training.Tests.TestKit;

namespace Training.Tests.Engine;

/// <summary>What the presets reach on real input; the story of the first day does the same with the demo dataset.</summary>
[Collection(GlobalTorchState.Name)]
public sealed class RealPhotosTests
{
    [SkippableFact]
    public void Transfer_Hymenoptera_ReachesNinetyTwoPercent() =>
        Assert.InRange(BestAccuracy(RealData.Folder("hymenoptera")), 0.92, 1);

    private static double BestAccuracy(string root)
    {
        using var folder = new TemporaryFolder();
        var scan = ImageFolder.Scan(root);
        var recipe = Presets.Get(Presets.Transfer).Apply(new Recipe { Dataset = root });
        var session = new TrainingSession(new TrainingRequest
        {
            Recipe = recipe,
            Manifest = new DatasetManifest("set", scan.Root, scan.Classes,
                DatasetSplit.ForRun(scan.Samples, scan.Classes.Count, recipe.ValFraction, recipe.Seed)),
            Folder = new RunFolder(folder.In("run")),
            Events = new Silent(),
        });

        var ended = session.Run(CancellationToken.None);

        Assert.True(ended.Outcome == RunOutcome.Completed, ended.Reason);
        return ended.BestValAccuracy!.Value;
    }

    private sealed class Silent : IRunEventSink
    {
        public void Report(RunEvent runEvent)
        {
        }
    }
}
