using Dashboard.Storage.Files;
using Microsoft.Extensions.Time.Testing;

namespace Training.Tests.Storage.Files;

public sealed class TransferTroubleTests
{
    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public void Pause_OfTransfersThatBreakOneAfterTheOther_GrowsForAll()
    {
        var trouble = new TransferTrouble(_clock);
        var next = Enumerable.Range(0, 4).Select(transfer => _clock.GetUtcNow() + TimeSpan.FromMilliseconds(100 * transfer)).ToArray();
        var asked = new int[next.Length];
        var last = TimeSpan.Zero;
        var over = false;
        while (!over)
        {
            var transfer = Array.IndexOf(next, next.Min());
            _clock.SetUtcNow(next[transfer]);
            over = Record.Exception(() => trouble.Again("The dashboard answers 503", new IOException(), out last)) is not null;
            asked[transfer]++;
            next[transfer] += last;
        }

        Assert.Equal(TimeSpan.FromSeconds(30), last);
        // Ten minutes of 30 s pauses, and a few shorter ones before.
        Assert.All(asked, times => Assert.InRange(times, 19, 28));
    }

    [Fact]
    public void Pause_AfterSomethingArrived_IsShortAgain()
    {
        var trouble = new TransferTrouble(_clock);
        for (var time = 0; time < 6; time++)
        {
            trouble.Again("It breaks", new IOException(), out var pause);
            _clock.Advance(pause);
        }

        trouble.Passed();
        trouble.Again("It breaks", new IOException(), out var first);

        Assert.Equal(TimeSpan.FromSeconds(1), first);
    }
}
