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
}
