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
            (_, _, last, over) = trouble.Next(new HttpRequestException("The dashboard answers 503"));
            asked[transfer]++;
            next[transfer] += last;
        }

        Assert.Equal(TimeSpan.FromSeconds(30), last);
        // Ten minutes of 30 s pauses, and a few shorter ones before.
        Assert.All(asked, times => Assert.InRange(times, 19, 28));
    }

    [Fact]
    public void Pause_OfOneTransfer_DoublesUpToHalfAMinute()
    {
        var trouble = new TransferTrouble(_clock);
        List<double> pauses = [];
        for (var time = 0; time < 7; time++)
        {
            var pause = trouble.Next(new HttpRequestException()).Pause;
            _clock.Advance(pause);
            pauses.Add(pause.TotalSeconds);
        }

        Assert.Equal([1, 2, 4, 8, 16, 30, 30], pauses);
    }

    [Fact]
    public async Task Work_ThatFailsOfWhatNoTryChanges_IsNotTriedAgain()
    {
        var tries = 0;

        await Assert.ThrowsAsync<FetchException>(() => new TransferTrouble(_clock).TryAsync<bool>(() =>
        {
            tries++;
            throw new FetchException("The dashboard doesn't have it");
        }, _ => Task.CompletedTask, setback => setback.Cause, CancellationToken.None));

        Assert.Equal(1, tries);
    }

    [Fact]
    public async Task Work_ThatFailsForLong_IsGivenUpInTheUsersWords()
    {
        var (begin, told) = (_clock.GetUtcNow(), new List<TransferSetback>());

        var error = await Assert.ThrowsAsync<FetchException>(() => new TransferTrouble(_clock) { FirstPause = TimeSpan.Zero }
            .TryAsync<bool>(() => throw new HttpRequestException("It breaks"), setback =>
            {
                told.Add(setback);
                _clock.Advance(TimeSpan.FromMinutes(3));
                return Task.CompletedTask;
            }, setback => new FetchException($"{setback.Cause.Message}, given up"), CancellationToken.None));

        Assert.Equal("It breaks, given up", error.Message);
        // After 0, 3, 6 and 9 minutes there is hope yet.
        Assert.Equal(4, told.Count);
        Assert.All(told, setback => Assert.Equal(begin, setback.Since));
    }

    [Fact]
    public void Pause_AfterSomethingArrived_IsShortAgain()
    {
        var trouble = new TransferTrouble(_clock);
        for (var time = 0; time < 6; time++)
        {
            _clock.Advance(trouble.Next(new HttpIOException(HttpRequestError.ResponseEnded)).Pause);
        }

        trouble.Passed();

        Assert.Equal(TimeSpan.FromSeconds(1), trouble.Next(new HttpIOException(HttpRequestError.ResponseEnded)).Pause);
    }
}
