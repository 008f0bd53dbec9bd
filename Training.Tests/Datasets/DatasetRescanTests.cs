using Dashboard.Datasets;
using Dashboard.Storage;
using Training.Core.Data;
using Training.Tests.TestKit;

namespace Training.Tests.Datasets;

public sealed class DatasetRescanTests : IAsyncLifetime
{
    private DatasetBench _bench = null!;

    [Fact]
    public async Task Rescan_AfterFilesCameAndWent_KeepsIdsByPathAndNeverReusesOne()
    {
        var row = await _bench.ReadyAsync("photos", ("cats", 2), ("dogs", 3));
        var before = (await _bench.Store.SamplesAsync(row.Id)).ToDictionary(sample => sample.Path, sample => sample.Id);
        File.Delete(_bench.In("photos", "dogs", "002.jpg"));
        TestImages.Write(_bench.In("photos", "ants", "new.jpg"), 9, "new");

        await RescanAsync(row.Id);

        var after = await _bench.Store.SamplesAsync(row.Id);
        Assert.Equal(["ants/new.jpg", "cats/000.jpg", "cats/001.jpg", "dogs/000.jpg", "dogs/001.jpg"], after.Select(sample => sample.Path));
        Assert.Equal(5, after[0].Id);
        Assert.All(after.Skip(1), sample => Assert.Equal(before[sample.Path], sample.Id));
        Assert.Equal([0, 1, 1, 2, 2], after.Select(sample => sample.Label));
        Assert.Equal("dogs/002.jpg", (await _bench.Store.SampleAsync(row.Id, before["dogs/002.jpg"]))?.Path);
    }

    [Fact]
    public async Task Rescan_AfterAFileCameBack_GivesItItsIdAgain()
    {
        var row = await _bench.ReadyAsync("photos", ("cats", 2), ("dogs", 2));
        var last = (await _bench.Store.SamplesAsync(row.Id))[^1];
        var bytes = await File.ReadAllBytesAsync(_bench.In("photos", last.Path));
        File.Delete(_bench.In("photos", last.Path));
        await RescanAsync(row.Id);
        await File.WriteAllBytesAsync(_bench.In("photos", last.Path), bytes);

        await RescanAsync(row.Id);

        Assert.Equal(last, (await _bench.Store.SamplesAsync(row.Id))[^1]);
    }

    [Fact]
    public async Task Rescan_OfAFolderThatIsGone_FailsAndKeepsTheSamples()
    {
        var row = await _bench.ReadyAsync("photos", ("cats", 2), ("dogs", 2));
        Directory.Move(_bench.In("photos"), _bench.In("elsewhere"));

        var failed = await RescanAsync(row.Id);

        Assert.Equal(DatasetState.Failed, failed.State);
        Assert.Contains(_bench.In("photos"), failed.Message, StringComparison.Ordinal);
        Assert.Equal(4, await _bench.Store.CountAsync(row.Id));

        Directory.Move(_bench.In("elsewhere"), _bench.In("photos"));
        Assert.Equal(DatasetState.Ready, (await RescanAsync(row.Id)).State);
    }

    [Fact]
    public async Task Start_WithAScanThatWasInterrupted_ScansAgain()
    {
        var row = await _bench.ReadyAsync("photos", ("cats", 2), ("dogs", 2));
        await using (var db = _bench.App.Database())
        {
            var stored = db.Datasets.Single(dataset => dataset.Id == row.Id);
            (stored.State, stored.CountsJson) = (DatasetState.Scanning, "[]");
            await db.SaveChangesAsync();
        }
        await _bench.App.DisposeAsync();

        await using var next = new DatasetBench(_bench.App.DataRoot);
        var scanned = await next.ScannedAsync(row.Id);

        Assert.Equal((DatasetState.Ready, 4), (scanned.State, next.Store.Outline(scanned).Total));
    }

    [Fact]
    public async Task SaveScan_OfAHundredThousandSamples_StoresThemAll()
    {
        var row = await _bench.ReadyAsync("photos", ("cats", 2), ("dogs", 2));
        var samples = Enumerable.Range(0, 100_000)
            .Select(id => new Sample(id, $"cats/{id:D6}.jpg", id % 2, Split.Train) { Sha256 = id.ToString("x64", null), Bytes = id,
                Width = 8, Height = 8 });

        await _bench.Store.SaveScanAsync(row.Id, new DatasetScan(row.Root, ["cats", "dogs"], [.. samples], []), default);

        Assert.Equal(100_000, await _bench.Store.CountAsync(row.Id));
        Assert.Equal("cats/099999.jpg", (await _bench.Store.SamplesAsync(row.Id, skip: 99_999))[0].Path);
    }

    [Fact]
    public async Task SaveScan_WithTooManyProblems_ListsTheFirstAndSaysSo()
    {
        var row = await _bench.ReadyAsync("photos", ("cats", 1), ("dogs", 1));
        var problems = Enumerable.Range(0, 12_345)
            .Select(i => new DatasetProblem(ProblemSeverity.Warning, $"cats/{i}.txt", "Is no image.", "Delete it."));

        await _bench.Store.SaveScanAsync(
            row.Id, new DatasetScan(row.Root, ["cats", "dogs"], await _bench.Store.SamplesAsync(row.Id), [.. problems]), default);

        var stored = _bench.Store.Outline((await _bench.Store.GetAsync(row.Id))!).Problems;
        Assert.Equal(DatasetStore.MaxProblems + 1, stored.Count);
        Assert.Contains("2,345 more problems", stored[^1].Message, StringComparison.Ordinal);
    }

    public async Task InitializeAsync() => _bench = await DatasetBench.StartAsync();

    public Task DisposeAsync() => _bench.DisposeAsync().AsTask();

    private async Task<DatasetRow> RescanAsync(int id)
    {
        Assert.True(await _bench.Store.RescanAsync(id));
        return await _bench.ScannedAsync(id);
    }
}
