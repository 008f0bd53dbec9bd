using Dashboard.Processes;
using Dashboard.Storage;
using Microsoft.EntityFrameworkCore;
using Training.Tests.TestKit;

namespace Training.Tests.TestProcesses;

/// <summary>What the database of a dashboard in a process of its own holds of a run.</summary>
internal sealed class StoredRun(Func<DashboardDb> database, int id)
{
    public StoredRun(string dataRoot, int id)
        : this(() => DashboardProcess.Database(dataRoot), id)
    {
    }

    public async Task<RunRow> GetAsync()
    {
        await using var db = database();
        return await db.Runs.AsNoTracking().SingleAsync(run => run.Id == id);
    }

    public async Task<List<AttemptRow>> AttemptsAsync()
    {
        await using var db = database();
        return await db.Attempts.AsNoTracking().Where(row => row.RunId == id).OrderBy(row => row.Number).ToListAsync();
    }

    public async Task<List<int>> StepsAsync()
    {
        await using var db = database();
        return await db.Steps.Where(row => row.RunId == id).OrderBy(row => row.Step).Select(row => row.Step).ToListAsync();
    }

    /// <summary>Waits until so many steps are stored.</summary>
    /// <param name="output">What the processes printed, which tells most when the run ends before.</param>
    public Task SeeStepsAsync(int count, Func<string> output) => Eventually.TrueAsync(async () =>
    {
        var run = await GetAsync();
        if (run.State.IsEnded() && (run.State != RunState.Completed || run.Step < count))
            throw new InvalidOperationException($"The run ended: {run.Reason}\n{output()}");
        return run.Step >= count;
    }, $"{count} steps of run {id} are stored");

    public Task<RunRow> EndAsync() =>
        Eventually.NotNullAsync(async () => await GetAsync() is { } run && run.State.IsEnded() ? run : null, "the run has ended");

    /// <summary>The process of the current attempt.</summary>
    public async Task<ProcessIdentity> TrainerAsync()
    {
        var attempt = await Eventually.NotNullAsync(async () => (await AttemptsAsync())[^1] is { ProcessId: not null } row ? row : null,
            "the process is recorded");
        return new ProcessIdentity(attempt.ProcessId!.Value, attempt.ProcessStart!.Value);
    }

    public async Task AssertNoStepIsMissingOrDoubledAsync()
    {
        var stored = await StepsAsync();
        Assert.NotEmpty(stored);
        Assert.Equal(Enumerable.Range(1, stored.Count), stored);
    }

    /// <summary>At a test's end: every attempt's process that is still there.</summary>
    public async Task KillTrainersAsync()
    {
        foreach (var attempt in await AttemptsAsync())
            if (attempt is { ProcessId: { } process, ProcessStart: { } start })
                new ProcessIdentity(process, start).Signal(ProcessIdentity.SigKill);
    }
}
