using Dashboard.Dispatch.Trainers;
using Dashboard.Storage;
using Microsoft.EntityFrameworkCore;

namespace Training.Tests.Dispatch.Trainers;

/// <summary>A trainer on a machine whose clock is hours off, over the real hub.</summary>
public sealed class WrongClockTests
{
    [Theory]
    [InlineData(-5)]
    [InlineData(7)]
    public async Task Run_OnAMachineWithAWrongClock_HasTimesOfTheDashboard(int hoursOff)
    {
        await using var story = await TrainerStory.BeginAsync();
        var begin = TimeProvider.System.GetUtcNow();
        var trainer = new TrainerHost(story.Options, story.Token, new TrainerLog(TextWriter.Synchronized(story.Log)),
            new OffClock(TimeSpan.FromHours(hoursOff)))
        {
            Create = request => new TrainingWork(cancellationToken => FakeTraining.Of(10)(request, cancellationToken), () =>
                throw new InvalidOperationException(), () => { }),
        };

        await trainer.RunAsync();

        var end = TimeProvider.System.GetUtcNow();
        var run = await story.StateAsync();
        Assert.Equal(RunState.Completed, run.State);
        // Two seconds are the least that counts as off.
        Assert.InRange(run.TrainingStartedAt!.Value, begin.AddSeconds(-2), end);
        Assert.InRange(run.EndedAt!.Value, run.TrainingStartedAt.Value, end);
        await using var db = story.App.Database();
        Assert.All(await db.Steps.Select(step => step.At).ToListAsync(), at => Assert.InRange(at, begin.AddSeconds(-2), end));
        // What it wrote for itself is by its own clock.
        Assert.InRange(story.Journal()[0].At - begin, TimeSpan.FromHours(hoursOff - 0.5), TimeSpan.FromHours(hoursOff + 0.5));
    }

    private sealed class OffClock(TimeSpan off) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + off;
    }
}
