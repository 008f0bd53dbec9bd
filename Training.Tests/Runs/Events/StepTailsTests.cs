using Dashboard.Runs.Events;
using Dashboard.Storage;

namespace Training.Tests.Runs.Events;

public sealed class StepTailsTests
{
    private readonly StepTails _tails = new();

    [Fact]
    public void Find_OfWhatWasAdded_GivesWhatIsNewInOrder()
    {
        Add(0, 1, 2, 3);
        Add(3, 4, 6);

        Assert.Equal([3, 4, 6], Find(2, 6));
        Assert.Equal([], Find(6, 6));
        Assert.Null(Find(0, 7));
    }

    [Fact]
    public void Find_AfterAnotherDashboardStoredSome_LeavesItToTheDatabase()
    {
        Add(0, 1, 2);
        Add(5, 6);

        Assert.Null(Find(2, 6));
        Assert.Equal([6], Find(5, 6));
    }

    [Fact]
    public void Find_BeforeTheNewest_LeavesItToTheDatabase()
    {
        for (var step = 1; step <= 5_000; step++) Add(step - 1, step);

        Assert.Null(Find(100, 5_000));
        Assert.Equal(Enumerable.Range(4_501, 500), Find(4_500, 5_000));
    }

    [Fact]
    public void Find_OfARunThatWasForgotten_IsNothing()
    {
        Add(0, 1);
        _tails.Forget(1);

        Assert.Null(Find(0, 1));
    }

    private void Add(int before, params int[] steps) =>
        _tails.Add(1, before, [.. steps.Select(step => new StepRow { RunId = 1, Step = step })]);

    private IEnumerable<int>? Find(int after, int last) => _tails.Find(1, after, last)?.Select(step => step.Step);
}
