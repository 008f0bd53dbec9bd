using Dashboard.Processes;
using Dashboard.Runs.Artifacts;
using Dashboard.Storage;
using Dashboard.Storage.Files;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Training.Core.Data;
using Training.Core.Recipes;
using Training.Core.Runs;
using Training.Tests.TestKit;

namespace Training.Tests.Runs.Artifacts;

/// <summary>What a start finds after a crash in the middle of making or deleting a run.</summary>
public sealed class RunFilesTests : IDisposable
{
    private readonly TemporaryFolder _root = new();

    [Fact]
    public async Task Start_AfterACrashWhileARunWasMade_RemovesTheHalfMadeFolder()
    {
        await using (var before = await OpenAsync())
        {
            // Never disposed, as when the process dies.
            _ = Files(before).Stage(new Recipe { Dataset = "1" }, new DatasetManifest("photos", "/photos", ["a", "b"], []));
            Assert.StartsWith(".new-", Assert.Single(Folders()), StringComparison.Ordinal);
        }

        await using var after = await RestartAsync();

        Assert.Empty(Folders());
    }

    [Fact]
    public async Task Start_AfterACrashBetweenFilesAndRowsOfADeletion_FinishesIt()
    {
        int deleted, kept;
        await using (var before = await OpenAsync())
        {
            (deleted, kept) = (await EndedAsync(before), await EndedAsync(before));
            _ = Files(before).Discard(deleted);
            Assert.Equal([$"{deleted}.trash", $"{kept}"], Folders());
        }

        await using var after = await RestartAsync();

        Assert.Equal([$"{kept}"], Folders());
        Assert.Equal([kept], (await after.Runs.ListAsync()).Select(run => run.Id));
    }

    [Fact]
    public async Task Start_AfterACrashBetweenRowsAndTrashOfADeletion_RemovesTheTrash()
    {
        await using (var before = await OpenAsync())
        {
            var run = await EndedAsync(before);
            _ = Files(before).Discard(run);
            await before.Runs.RemoveAsync(run, default);
        }

        await using var after = await RestartAsync();

        Assert.Empty(Folders());
    }

    [Fact]
    public async Task Start_WithTheFolderOfALiveRunInTheTrash_PutsItBack()
    {
        int run;
        await using (var before = await OpenAsync())
        {
            run = await EndedAsync(before, RunState.Training);
            _ = Files(before).Discard(run);
        }

        await using var after = await RestartAsync();

        Assert.Equal([$"{run}"], Folders());
        Assert.Equal(RunState.Training, (await after.Runs.GetAsync(run))!.State);
    }

    [Fact]
    public async Task Discard_WithoutConfirm_PutsTheFolderBack()
    {
        await using var store = await OpenAsync();
        var run = await EndedAsync(store);

        Files(store).Discard(run).Dispose();

        Assert.Equal([$"{run}"], Folders());
    }

    [Fact]
    public async Task Place_OverAFolderOfAFormerDatabase_KeepsItUnderAnotherName()
    {
        await using var store = await OpenAsync();
        Directory.CreateDirectory(Path.Combine(Runs, "1"));
        await File.WriteAllTextAsync(Path.Combine(Runs, "1", "best_model.pth"), "of somebody");

        using (var staged = Files(store)
            .Stage(new Recipe { Dataset = "1", Name = "new" }, new DatasetManifest("photos", "/photos", ["a", "b"], [])))
            staged.MoveTo(1);

        Assert.Equal("new", new RunFolder(Path.Combine(Runs, "1")).ReadRecipe().Name);
        var former = Assert.Single(Folders(), name => name != "1");
        Assert.StartsWith("1.former", former, StringComparison.Ordinal);
        Assert.Equal("of somebody", await File.ReadAllTextAsync(Path.Combine(Runs, former, "best_model.pth")));
    }

    public void Dispose() => _root.Dispose();

    private string Runs => new DashboardOptions { DataRoot = _root.Path }.RunsFolder;

    private IEnumerable<string> Folders() =>
        Directory.GetFileSystemEntries(Runs).Select(folder => Path.GetFileName(folder)).Order(StringComparer.Ordinal);

    private Task<TestStore> OpenAsync() => TestStore.OpenAsync(_root.Path);

    private async Task<TestStore> RestartAsync()
    {
        var store = await OpenAsync();
        await Files(store).StartAsync(default);
        return store;
    }

    private static RunFiles Files(TestStore store) => new(
        store.Get<IOptions<DashboardOptions>>(), store.Get<DataRoot>(), store.Runs, store.Get<DatabaseLocks>(),
        new Guard(new PartsHealth(store.Clock, NullLogger<PartsHealth>.Instance), store.Clock), store.Clock, NullLogger<RunFiles>.Instance);

    /// <summary>A run with its folder.</summary>
    private async Task<int> EndedAsync(TestStore store, RunState state = RunState.Failed)
    {
        var run = await store.TrainingAsync();
        new RunFolder(Path.Combine(Runs, $"{run.Id}"))
            .Write(new Recipe { Dataset = "1" }, new DatasetManifest("photos", "/photos", ["a", "b"], []));
        if (state == RunState.Failed) await store.Runs.FailAsync(run.Id, 1, "gone");
        return run.Id;
    }
}
