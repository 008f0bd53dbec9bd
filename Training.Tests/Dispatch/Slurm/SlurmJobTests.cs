using Dashboard.Dispatch.Slurm;

namespace Training.Tests.Dispatch.Slurm;

public sealed class SlurmJobTests
{
    [Fact]
    public void Line_OfAJobThatWaits_TellsStateReasonAndEstimate()
    {
        var job = SlurmJob.Parse("3|PENDING|Resources|1795656423||n2|0|0|fine-tune:abc:3:1|")!;

        Assert.Equal(("3", "PENDING", "Resources", "n2", 0), (job.Id, job.State, job.Reason, job.Node, job.Restarts));
        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(1795656423), job.StartsAt);
        Assert.Equal("fine-tune:abc:3:1", job.Comment);
        Assert.Null(job.ExitCode);
    }

    [Theory]
    [InlineData("6|FAILED|NonZeroExitCode|1795656572|n1|(null)|0|1792|x|", 7)]
    [InlineData("7|FAILED|JobLaunchFailure|1795656573|n1|(null)|0|9|x|", 137)]
    [InlineData("1|CANCELLED|None|1795656423|n1|(null)|0|0|x|", 0)]
    public void Line_OfAJobThatIsOver_TellsItsExitCodeAsAShellDoes(string line, int exitCode)
    {
        var job = SlurmJob.Parse(line)!;

        Assert.True(job.IsOver);
        Assert.Equal(exitCode, job.ExitCode);
        Assert.Equal("n1", job.Node);
    }

    [Theory]
    [InlineData("")]
    [InlineData("slurm_load_jobs error: Unable to contact slurm controller (connect failure)")]
    public void Line_OfSomethingElse_IsNoJob(string line) => Assert.Null(SlurmJob.Parse(line));

    [Fact]
    public void Phase_OfAJobThatWaits_IsInSlurmsOwnWordsWithTheTimeOfTheDay()
    {
        var now = new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.FromHours(9));
        var job = SlurmJob.Parse("3|PENDING|Resources|0||n2|0|0||")! with { StartsAt = now.AddHours(2).ToUniversalTime() };

        Assert.Equal("PENDING (Resources), starts about 14:00 on n2", JobText.Phase(job, now));
        Assert.Equal("PENDING (Resources), starts about 2026-03-04 12:00 on n2",
            JobText.Phase(job with { StartsAt = now.AddDays(3) }, now));
        // Without time limits Slurm's estimate is a year away: worse than none.
        Assert.Equal("PENDING (Resources)", JobText.Phase(job with { StartsAt = now.AddDays(365) }, now));
    }
}
