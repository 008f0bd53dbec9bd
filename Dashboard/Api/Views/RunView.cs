using Dashboard.Runs;
using Dashboard.Storage;
using Training.Core.Recipes;
using Training.Core.Runs;

namespace Dashboard.Api.Views;

/// <summary>A run as the API and the progress hub give it.</summary>
public sealed record RunView
{
    // One flat object in JSON: see InlinedAttribute.
    [Inlined] public required RunIdentity Identity { get; init; }
    [Inlined] public required RunCondition Condition { get; init; }
    [Inlined] public required RunPlacement Placement { get; init; }
    [Inlined] public required RunTimes Times { get; init; }
    [Inlined] public required RunExtent Extent { get; init; }
    [Inlined] public required RunPosition Position { get; init; }
    [Inlined] public required RunBest Best { get; init; }
    public required Recipe Recipe { get; init; }

    /// <summary>Slurm's job of a live run that a cluster trains.</summary>
    public JobView? Job { get; init; }

    public static RunView Of(RunRow run, DateTimeOffset now, ClusterJobRow? job = null)
    {
        ArgumentNullException.ThrowIfNull(run);
        return new RunView
        {
            Identity = RunIdentity.Of(run), Condition = RunCondition.Of(run), Placement = RunPlacement.Of(run), Times = RunTimes.Of(run),
            Extent = RunExtent.Of(run), Position = RunPosition.Of(run, RunProgress.Of(run, now)), Best = RunBest.Of(run),
            Recipe = run.Recipe, Job = JobView.Of(job),
        };
    }
}
