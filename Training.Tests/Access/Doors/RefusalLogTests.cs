using Dashboard.Access.Doors;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Training.Tests.TestKit;

namespace Training.Tests.Access.Doors;

public sealed class RefusalLogTests : IDisposable
{
    private readonly LogLines _lines = new();
    private readonly FakeTimeProvider _clock = new();
    private readonly LoggerFactory _logs = new();
    private readonly RefusalLog _log;

    public RefusalLogTests()
    {
        _logs.AddProvider(_lines);
        _log = new RefusalLog(_clock, _logs.CreateLogger<RefusalLog>());
    }

    public void Dispose()
    {
        _logs.Dispose();
        _lines.Dispose();
    }

    [Fact]
    public void IsNew_OfTheSameTwice_IsTrueOnce()
    {
        Assert.True(_log.IsNew("box at 10.0.0.1: no"));
        Assert.False(_log.IsNew("box at 10.0.0.1: no"));
        Assert.True(_log.IsNew("box at 10.0.0.2: no"));
    }

    [Fact]
    public void IsNew_OfEverNewOnes_StopsForTheMinuteAndSaysSoOnce()
    {
        var told = Enumerable.Range(0, 10_000).Count(i => _log.IsNew($"refusal {i}"));

        Assert.Equal(RefusalLog.MostAMinute, told);
        Assert.Single(_lines.Of("Dashboard.Access.Doors.RefusalLog"));
        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.True(_log.IsNew("a machine that is refused rightly"));
    }
}
