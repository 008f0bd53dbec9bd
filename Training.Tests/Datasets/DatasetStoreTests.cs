using Dashboard.Datasets;
using Dashboard.Storage;
using Training.Core.Data;

namespace Training.Tests.Datasets;

/// <summary>Over SQLite; DatasetStoreOnPostgresTests runs the same over PostgreSQL.</summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Reliability", "CA1001", Justification = "IAsyncLifetime disposes them.")]
public class DatasetStoreTests : IAsyncLifetime
{
    private DatasetBench _bench = null!;

    [SkippableFact]
    public async Task AddFolder_OfPhotos_BecomesReadyWithCountsAndSamples()
    {
        var row = await _bench.ReadyAsync("photos", ("train/cats", 3), ("train/dogs", 2), ("val/cats", 1), ("val/dogs", 1));

        var outline = _bench.Store.Outline(row);
        Assert.Equal(DatasetState.Ready, row.State);
        Assert.Equal(["cats", "dogs"], row.Classes);
        Assert.Equal((5, 2, 0), (outline.Count(Split.Train), outline.Count(Split.Val), outline.Count(Split.Test)));
        Assert.Equal(3, outline.Counts[0, (int)Split.Train]);
        var samples = await _bench.Store.SamplesAsync(row.Id);
        Assert.Equal(Enumerable.Range(0, 7), samples.Select(sample => sample.Id));
        Assert.Equal(samples.OrderBy(sample => sample.Path, StringComparer.Ordinal), samples);
        Assert.All(samples, sample => Assert.Equal((64, 48, 64), (sample.Width, sample.Height, sample.Sha256.Length)));
    }

    [SkippableFact]
    public async Task Samples_ByClassAndSplitInPages_AreThoseThatMatch()
    {
        var row = await _bench.ReadyAsync("photos", ("train/cats", 4), ("train/dogs", 4), ("val/dogs", 3));

        var page = await _bench.Store.SamplesAsync(row.Id, label: 1, Split.Train, skip: 1, take: 2);

        Assert.Equal(["train/dogs/001.jpg", "train/dogs/002.jpg"], page.Select(sample => sample.Path));
        Assert.Equal(7, await _bench.Store.CountAsync(row.Id, label: 1));
        Assert.Equal(2, await _bench.Store.PlaceAsync(row.Id, page[1].Id, label: 1, Split.Train));
        Assert.Null(await _bench.Store.PlaceAsync(row.Id, page[1].Id, label: 0));
    }

    [SkippableFact]
    public async Task Find_ByIdOrName_FindsTheSame()
    {
        var row = await _bench.ReadyAsync("고양이 & <script>", ("a", 1), ("b", 1));

        Assert.Equal(row.Id, (await _bench.Store.FindAsync(row.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)))?.Id);
        Assert.Equal(row.Id, (await _bench.Store.FindAsync(" 고양이 & <script> "))?.Id);
        Assert.Null(await _bench.Store.FindAsync("nothing"));
    }

    [SkippableFact]
    public async Task AddFolder_UnderATakenName_IsRefusedWhateverItsCase()
    {
        await _bench.ReadyAsync("Photos", ("a", 1), ("b", 1));

        var error = await Assert.ThrowsAsync<DatasetException>(() => _bench.Store.AddFolderAsync("pHOTOS", _bench.In("Photos")));

        Assert.Equal("name", error.Field);
        Assert.Contains("already a dataset “Photos”", error.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task AddFolder_TwiceAtTheSameTimeUnderOneName_TakesOne()
    {
        var root = _bench.Photos("photos", ("a", 1), ("b", 1));

        var both = await Task.WhenAll(Enumerable.Range(0, 4).Select(async _ =>
        {
            try
            {
                return (await _bench.Store.AddFolderAsync("photos", root)).Id;
            }
            catch (DatasetException)
            {
                return 0;
            }
        }));

        Assert.Single(both, id => id > 0);
    }

    [SkippableFact]
    public async Task AddFolder_WithoutImages_FailsWithTheRemedy()
    {
        Directory.CreateDirectory(_bench.In("empty", "cats"));

        var row = await _bench.ScannedAsync((await _bench.Store.AddFolderAsync("empty", _bench.In("empty"))).Id);

        Assert.Equal(DatasetState.Failed, row.State);
        Assert.Contains("JPEG, PNG, BMP or WebP", row.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task AddFolder_WithBrokenFiles_ListsThemAndUsesTheRest()
    {
        var root = _bench.Photos("dirty", ("cats", 2), ("dogs", 2));
        await File.WriteAllTextAsync(Path.Combine(root, "cats", "notes.jpg"), "not an image");
        await File.WriteAllBytesAsync(Path.Combine(root, "dogs", "empty.jpg"), []);

        var row = await _bench.ScannedAsync((await _bench.Store.AddFolderAsync("dirty", root)).Id);

        var outline = _bench.Store.Outline(row);
        Assert.Equal((DatasetState.Ready, 4), (row.State, outline.Total));
        Assert.Contains(outline.Problems, problem => problem.Path == "cats/notes.jpg" && problem.Remedy.Length > 0);
        Assert.Contains(outline.Problems, problem => problem.Path == "dogs/empty.jpg" && problem.Remedy.Length > 0);
    }

    [SkippableFact]
    public async Task Manifest_OfASetWithoutSplits_HoldsOutTheSameImagesForTheSameSeed()
    {
        var row = await _bench.ReadyAsync("photos", ("cats", 10), ("dogs", 10));

        var first = await _bench.Store.ManifestAsync(row.Id, 0.2, seed: 1);
        var again = await _bench.Store.ManifestAsync(row.Id, 0.2, seed: 1);

        Assert.Equal((_bench.In("photos"), "photos"), (first.Root, first.Name));
        Assert.Equal(4, first.Samples.Count(sample => sample.Split == Split.Val));
        Assert.Equal(first.Samples, again.Samples);
        Assert.True(File.Exists(first.FullPath(first.Samples[0])));
    }

    [SkippableFact]
    public async Task Manifest_OfADatasetThatIsNotReady_SaysWhy()
    {
        Directory.CreateDirectory(_bench.In("empty"));
        var row = await _bench.ScannedAsync((await _bench.Store.AddFolderAsync("empty", _bench.In("empty"))).Id);

        var failed = await Assert.ThrowsAsync<DatasetException>(() => _bench.Store.ManifestAsync(row.Id, 0.2, 1));
        var missing = await Assert.ThrowsAsync<DatasetException>(() => _bench.Store.ManifestAsync(99, 0.2, 1));

        Assert.Contains("“empty” can't be used", failed.Message, StringComparison.Ordinal);
        Assert.Contains("There is no dataset 99", missing.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Subscribe_WhileADatasetIsAdded_HearsOfIt()
    {
        var heard = new TaskCompletionSource();
        using var subscription = _bench.Store.Subscribe(() =>
        {
            heard.TrySetResult();
            return Task.CompletedTask;
        });

        await _bench.ReadyAsync("photos", ("a", 1), ("b", 1));

        await heard.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }

    public async Task InitializeAsync() =>
        _bench = new DatasetBench(settings: new Dictionary<string, string> { ["Dashboard:Postgres"] = await NewDatabaseAsync() });

    public Task DisposeAsync() => _bench.DisposeAsync().AsTask();

    /// <summary>Connection string of an empty PostgreSQL database; empty: SQLite.</summary>
    protected virtual Task<string> NewDatabaseAsync() => Task.FromResult("");
}
