using Dashboard.Processes;

namespace Training.Tests.Processes;

public sealed class BackoffTests
{
    private readonly Backoff _backoff = new(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5));

    [Fact]
    public void Pauses_OfOneFailureAfterTheOther_DoubleUpToTheLongest()
    {
        foreach (var seconds in (double[])[1, 2, 4, 5, 5]) AssertAbout(seconds, _backoff.Next());
    }

    [Fact]
    public void Pause_AfterItHasWorked_IsTheFirstAgain()
    {
        for (var i = 0; i < 10; i++) _backoff.Next();

        _backoff.Reset();

        AssertAbout(1, _backoff.Next());
        AssertAbout(2, _backoff.Next());
    }

    [Fact]
    public void Pauses_OfManyThatFailedAtTheSameMoment_AreSpread()
    {
        var pauses = Enumerable.Range(0, 100).Select(_ => new Backoff(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1)).Next()).ToList();

        Assert.True(pauses.Distinct().Count() > 50);
        Assert.All(pauses, pause => AssertAbout(1, pause));
    }

    /// <summary>At most a quarter shorter, and never longer.</summary>
    private static void AssertAbout(double seconds, TimeSpan pause) => Assert.InRange(pause.TotalSeconds, 0.75 * seconds, seconds);
}
