using Dashboard.Dispatch;
using Dashboard.Protocol;
using Microsoft.Extensions.Time.Testing;

namespace Training.Tests.Dispatch;

public sealed class StopRequestsTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly StopRequests _stops;

    public StopRequestsTests() => _stops = new StopRequests(_clock);

    [Fact]
    public void Waited_OfAnAttempt_CountsFromTheFirstRequest()
    {
        _stops.Note(new AttemptId(7, 1));
        _clock.Advance(TimeSpan.FromSeconds(4));
        _stops.Note(new AttemptId(7, 1));

        Assert.Equal(TimeSpan.FromSeconds(4), _stops.Waited(new AttemptId(7, 1)));
    }

    [Fact]
    public void Waited_OfTheNextAttempt_IsNothing()
    {
        _stops.Note(new AttemptId(7, 1));
        _clock.Advance(TimeSpan.FromHours(1));

        Assert.Null(_stops.Waited(new AttemptId(7, 2)));
        Assert.Null(_stops.Waited(new AttemptId(8, 1)));
    }

    [Fact]
    public void Forget_OfAFormerAttempt_LeavesTheRequestToTheNextOne()
    {
        _stops.Note(new AttemptId(7, 1));
        _stops.Note(new AttemptId(7, 2));

        _stops.Forget(new AttemptId(7, 1));

        Assert.NotNull(_stops.Waited(new AttemptId(7, 2)));
        _stops.Forget(new AttemptId(7, 2));
        Assert.Null(_stops.Waited(new AttemptId(7, 2)));
    }

    [Fact]
    public void Note_OfAFormerAttemptThatIsHeardLate_DoesNotReplaceTheNewerOne()
    {
        _stops.Note(new AttemptId(7, 2));
        _stops.Note(new AttemptId(7, 1));

        Assert.NotNull(_stops.Waited(new AttemptId(7, 2)));
    }

    [Fact]
    public void Note_OfAttemptsThatNobodyForgets_KeepsTheNewestOnly()
    {
        for (var run = 1; run <= StopRequests.MostRemembered + 10; run++)
        {
            _stops.Note(new AttemptId(run, 1));
            _clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(StopRequests.MostRemembered, _stops.Count);
        Assert.Null(_stops.Waited(new AttemptId(10, 1)));
        Assert.NotNull(_stops.Waited(new AttemptId(11, 1)));
    }
}
