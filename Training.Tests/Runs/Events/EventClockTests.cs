using Dashboard.Runs.Events;
using Training.Core.Runs;

namespace Training.Tests.Runs.Events;

public sealed class EventClockTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Set_OfAClockThatIsRight_ChangesNothing()
    {
        IReadOnlyList<JournalEntry> entries = [At(Now.AddHours(-3)), At(Now)];

        Assert.Same(entries, EventClock.Set(entries, TimeSpan.FromSeconds(1), Now));
    }

    [Theory]
    [InlineData(5)]
    [InlineData(-5)]
    public void Set_OfAClockThatIsOff_KeepsTheDistances(int hours)
    {
        var ahead = TimeSpan.FromHours(hours);

        var set = EventClock.Set([At(Now.AddMinutes(-3) - ahead), At(Now.AddMinutes(-1) - ahead)], ahead, Now);

        Assert.Equal([Now.AddMinutes(-3), Now.AddMinutes(-1)], set.Select(entry => entry.At));
    }

    [Fact]
    public void Set_OfTimesThatNoClockHas_StaysWithinWhatThereIs()
    {
        Assert.Equal(Now, Assert.Single(EventClock.Set([At(DateTimeOffset.MaxValue)], TimeSpan.Zero, Now)).At);
        Assert.Equal(Now, Assert.Single(EventClock.Set([At(DateTimeOffset.MaxValue)], Now - DateTimeOffset.MinValue, Now)).At);
        Assert.Equal(DateTimeOffset.MinValue,
            Assert.Single(EventClock.Set([At(DateTimeOffset.MinValue)], Now - DateTimeOffset.MaxValue, Now)).At);
    }

    private static JournalEntry At(DateTimeOffset at) => new(1, at, new Logged(RunLogLevel.Information, "x"));
}
