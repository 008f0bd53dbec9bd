using Dashboard.Peers;
using Dashboard.Runs;
using Training.Tests.TestKit;

namespace Training.Tests.Peers;

public sealed class ChangeNotesTests
{
    [Fact]
    public async Task News_ThatCouldNotBeTold_AreTakenAgainWithWhatCameMeanwhile()
    {
        await using var app = new DashboardApp();
        var notes = app.Get<ChangeNotes>();
        notes.Take("one");
        app.Get<RunFeed>().Changed(7);
        var lost = notes.Take("one");
        app.Get<RunFeed>().Changed(8);

        notes.NoteAgain(lost);

        Assert.Equal([7, 8], notes.Take("one").Runs.Order());
        Assert.Empty(notes.Take("one").Runs);
    }

    [Fact]
    public async Task Queue_ThatMoved_IsToldOnceAndStepsAreNot()
    {
        await using var app = new DashboardApp();
        var notes = app.Get<ChangeNotes>();
        notes.Take("one");
        app.Get<RunFeed>().Changed(7);
        Assert.False(notes.Take("one").MayMoveQueue);
        app.Get<RunFeed>().QueueMoved();

        var lost = notes.Take("one");
        notes.NoteAgain(lost);

        Assert.True(notes.Take("one").MayMoveQueue);
        Assert.False(notes.Take("one").MayMoveQueue);
    }

    [Fact]
    public void News_OnTheirWay_SayOfTheQueueWhatTheySaid()
    {
        var steps = new PeerNews("one", [7], false, false, false, [], [], Queue: false);

        Assert.False(PeerNews.Parse(steps.ToBytes())!.MayMoveQueue);
        Assert.True(PeerNews.Parse((steps with { Queue = true }).ToBytes())!.MayMoveQueue);
    }
}
