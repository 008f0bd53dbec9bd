using Dashboard.Datasets;
using Dashboard.Runs;
using Dashboard.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Training.Tests.Datasets.Imports;
using Training.Tests.TestKit;

namespace Training.Tests.Datasets;

public sealed class DatasetDeleteTests : IAsyncLifetime
{
    private DatasetBench _bench = null!;

    [Theory]
    [InlineData(RunState.Queued)]
    [InlineData(RunState.Preparing)]
    [InlineData(RunState.Training)]
    [InlineData(RunState.Paused)]
    public async Task Delete_WhileARunUsesIt_IsRefusedAndNamesTheRun(RunState state)
    {
        var row = await _bench.ReadyAsync("photos", ("cats", 1), ("dogs", 1));
        await AddRunAsync(row, "busy run", state);

        var error = await Assert.ThrowsAsync<DatasetException>(() => _bench.Store.DeleteAsync(row.Id));

        Assert.Contains("“busy run”", error.Message, StringComparison.Ordinal);
        Assert.Contains(state == RunState.Paused ? "or stop it" : "Stop it first", error.Message, StringComparison.Ordinal);
        Assert.NotNull(await _bench.Store.GetAsync(row.Id));
        Assert.Equal(["busy run"], (await _bench.Store.UseAsync(row.Id))!.LiveRuns);
    }

    [Fact]
    public async Task Delete_OfAFolder_LeavesTheFilesAndFreesTheName()
    {
        var row = await _bench.ReadyAsync("photos", ("cats", 1), ("dogs", 1));

        Assert.True(await _bench.Store.DeleteAsync(row.Id));

        Assert.Null(await _bench.Store.GetAsync(row.Id));
        Assert.Null(await _bench.Store.FindAsync("photos"));
        Assert.Empty(await _bench.Store.ListAsync());
        Assert.False(await _bench.Store.DeleteAsync(row.Id));
        await Eventually.TrueAsync(async () => await SampleRowsAsync(row.Id) == 0, "its samples are gone");
        Assert.True(File.Exists(_bench.In("photos", "cats", "000.jpg")));
        Assert.NotEqual(row.Id, (await _bench.Store.AddFolderAsync("photos", row.Root)).Id);
    }

    [Fact]
    public async Task Delete_OfAnUpload_DeletesTheFiles()
    {
        var row = await UploadedAsync();

        await _bench.Store.DeleteAsync(row.Id);

        await Eventually.TrueAsync(() => !Directory.Exists(row.Root), "its files are gone");
    }

    [Fact]
    public async Task Delete_OfAnUploadThatEndedRunsShow_KeepsTheFilesForThem()
    {
        var row = await UploadedAsync();
        await AddRunAsync(row, "old run", RunState.Completed);

        await _bench.Store.DeleteAsync(row.Id);
        await WorkDoneAsync();

        var file = await _bench.Store.FileAsync(row.Id, 0);
        Assert.True(File.Exists(file?.FullPath));
        Assert.Equal("cats/1.jpg", (await _bench.Store.SampleAsync(row.Id, 0))?.Path);
    }

    [Fact]
    public async Task Delete_WithFiles_DeletesThemEvenSo()
    {
        var row = await UploadedAsync();
        await AddRunAsync(row, "old run", RunState.Completed);

        await _bench.Store.DeleteAsync(row.Id, withFiles: true);

        await Eventually.TrueAsync(() => !Directory.Exists(row.Root), "its files are gone");
        Assert.Null((await _bench.Store.FileAsync(row.Id, 0))?.FullPath);
    }

    [Theory]
    [InlineData(RunState.Stopped)]
    [InlineData(RunState.Failed)]
    public async Task Delete_WithTheFilesOfARunThatCanBeResumed_TakesAYesOfItsOwn(RunState state)
    {
        var row = await UploadedAsync();
        var run = await AddRunAsync(row, "half done", state);
        await AddRunAsync(row, "all done", RunState.Completed);
        var folder = _bench.App.Get<IOptions<DashboardOptions>>().Value.RunFolder(run.Id);
        Directory.CreateDirectory(folder.Path);
        await File.WriteAllTextAsync(folder.Checkpoint, "a checkpoint");

        var error = await Assert.ThrowsAsync<DatasetException>(() => _bench.Store.DeleteAsync(row.Id, withFiles: true));

        Assert.Contains("“half done”", error.Message, StringComparison.Ordinal);
        Assert.Contains("force=true", error.Message, StringComparison.Ordinal);
        Assert.Equal(["half done"], (await _bench.Store.UseAsync(row.Id))!.ResumableRuns);
        var service = _bench.App.Get<RunService>();
        Assert.True(service.CanResume((await _bench.App.Runs.GetAsync(run.Id))!));

        Assert.True(await _bench.Store.DeleteAsync(row.Id, withFiles: true, force: true));
        Assert.Contains("the images of “upload” were deleted", (await service.ResumeAsync(run.Id)).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Delete_WithoutTheFilesOfARunThatCanBeResumed_LetsItGoOn()
    {
        var row = await UploadedAsync();
        var run = await AddRunAsync(row, "half done", RunState.Stopped);
        var folder = _bench.App.Get<IOptions<DashboardOptions>>().Value.RunFolder(run.Id);
        Directory.CreateDirectory(folder.Path);
        await File.WriteAllTextAsync(folder.Checkpoint, "a checkpoint");

        Assert.True(await _bench.Store.DeleteAsync(row.Id));
        await WorkDoneAsync();

        Assert.True(Directory.Exists(row.Root));
        Assert.True((await _bench.App.Get<RunService>().ResumeAsync(run.Id)).IsDone);
    }

    [Fact]
    public async Task Start_AfterTheLastRunOfADeletedUploadWentToo_DeletesItsFiles()
    {
        var row = await UploadedAsync();
        var run = await AddRunAsync(row, "old run", RunState.Completed);
        await _bench.Store.DeleteAsync(row.Id);
        await WorkDoneAsync();
        await using (var db = _bench.App.Database()) await db.Runs.Where(stored => stored.Id == run.Id).ExecuteDeleteAsync();
        await _bench.App.DisposeAsync();

        await using var next = new DatasetBench(_bench.App.DataRoot);
        _ = next.Store;

        await Eventually.TrueAsync(() => !Directory.Exists(row.Root), "its files are gone");
    }

    public async Task InitializeAsync() => _bench = await DatasetBench.StartAsync();

    public Task DisposeAsync() => _bench.DisposeAsync().AsTask();

    private async Task<DatasetRow> UploadedAsync()
    {
        await File.WriteAllBytesAsync(_bench.In("upload.zip"), TestZip.OfImages("cats/1.jpg", "dogs/1.jpg"));
        Directory.CreateDirectory(Path.Combine(_bench.App.DataRoot, "datasets"));
        return await _bench.ScannedAsync((await _bench.Store.AddUploadAsync("upload", _bench.In("upload.zip"))).Id);
    }

    /// <summary>The work on datasets goes in order: once a later one is ready, the earlier ones are done.</summary>
    private Task<DatasetRow> WorkDoneAsync() => _bench.ReadyAsync("later", ("a", 1), ("b", 1));

    private async Task<RunRow> AddRunAsync(DatasetRow dataset, string name, RunState state)
    {
        var run = new RunRow { Name = name, DatasetId = dataset.Id, DatasetName = dataset.Name, RecipeJson = "{}", State = state };
        await using var db = _bench.App.Database();
        db.Runs.Add(run);
        await db.SaveChangesAsync();
        return run;
    }

    private async Task<int> SampleRowsAsync(int id)
    {
        await using var db = _bench.App.Database();
        return await db.Samples.CountAsync(row => row.DatasetId == id);
    }
}
