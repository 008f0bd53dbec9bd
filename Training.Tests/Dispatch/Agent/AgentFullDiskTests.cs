using Dashboard.Storage;
using Training.Core.Runs;
using Training.Tests.TestKit;

namespace Training.Tests.Dispatch.Agent;

/// <summary>Disks that fill up, on either side, and have room again later.</summary>
public sealed class AgentFullDiskTests : AgentStory
{
    private const int Kilobytes = 300 << 10;

    private SmallDisk? _dashboards;
    private SmallDisk? _machines;

    [SkippableFact]
    public async Task Disk_FullOnEitherSide_IsSaidOnThePageAndTheSameTrainerGoesOnWhenThereIsRoom()
    {
        _dashboards = new SmallDisk(Kilobytes, _root);
        _machines = new SmallDisk(Kilobytes, _one);
        await BeginAsync(epochs: 10_000);
        Start(_one, "box one");
        await StepsAsync(5);
        var trainer = await Stored.TrainerAsync();

        var sequence = await StandStillAsync(_machines, JournalEnd);
        await Eventually.TrueAsync(() => PageHasAsync($"runs/{Run}", "The disk of box one is full."),
            "the run's page says whose disk is full");
        Assert.True(trainer.IsAlive);
        Assert.Equal((RunState.Training, 1), ((await Stored.GetAsync()).State, (await Stored.GetAsync()).Attempt));
        _machines.MakeRoom();
        await Eventually.TrueAsync(() => JournalEnd() > sequence + 10, "the training goes on");
        await MoreStepsAsync();

        await StandStillAsync(_dashboards, async () => (await Stored.GetAsync()).Step);
        sequence = JournalEnd();
        await Eventually.TrueAsync(() => JournalEnd() > sequence + 10, "the training goes on without the dashboard's disk");
        await Eventually.TrueAsync(() => PageHasAsync("", $"The disk that holds the data root {_root.Path} is full."),
            "every page says it");
        _dashboards.MakeRoom();
        await MoreStepsAsync();

        Assert.True(trainer.IsAlive);
        Assert.Equal(1, (await Stored.GetAsync()).Attempt);
        Assert.False(await PageHasAsync($"runs/{Run}", "is full."));
        await StopAsync();
        await Stored.AssertNoStepIsMissingOrDoubledAsync();
    }

    protected override void Dispose(bool disposing)
    {
        _machines?.Dispose();
        _dashboards?.Dispose();
        base.Dispose(disposing);
    }

    private long JournalEnd() => Journal.Read(new DashboardOptions { DataRoot = _one.Path }.RunFolder(Run).Journal(1))[^1].Sequence;

    private static Task<long> StandStillAsync(SmallDisk disk, Func<long> position) =>
        StandStillAsync(disk, () => Task.FromResult(position()));

    /// <summary>Fills a disk until nothing moves any more: files that are given up half-written leave some room.</summary>
    private static async Task<T> StandStillAsync<T>(SmallDisk disk, Func<Task<T>> position)
    {
        while (true)
        {
            disk.Fill();
            var before = await position();
            await Task.Delay(TimeSpan.FromSeconds(3));
            if (EqualityComparer<T>.Default.Equals(await position(), before)) return before;
        }
    }

    private async Task<bool> PageHasAsync(string path, string words)
    {
        using var http = new HttpClient();
        return (await http.GetStringAsync(new Uri(_dashboard.Url, path))).Contains(words, StringComparison.Ordinal);
    }
}
