using Dashboard.Datasets;
using Training.Tests.TestKit;

namespace Training.Tests.Datasets;

/// <summary>Photos that are sorted into another class after a run saw them.</summary>
public sealed class DatasetMovedTests : IAsyncLifetime
{
    private static readonly Dictionary<int, string> NoRunSaid = [];

    private DatasetBench _bench = null!;

    [Fact]
    public async Task Moved_IntoAnotherClass_IsFoundThereWithItsLabelOfNow()
    {
        var (id, ids) = await ReadyAsync();
        Move("cats/001.jpg", "dogs/sorted.jpg");
        await RescanAsync(id);

        var moved = await _bench.Store.MovedAsync(id, [.. ids.Values], NoRunSaid);

        var (sampleId, places) = Assert.Single(moved);
        Assert.Equal((ids["cats/001.jpg"], new MovedSample(5, "dogs/sorted.jpg", 1, "dogs")), (sampleId, Assert.Single(places)));
        var file = await _bench.Store.FileElsewhereAsync(id, sampleId, await HashOfAsync(id, sampleId));
        Assert.Equal(_bench.In("photos", "dogs", "sorted.jpg"), file!.FullPath);
    }

    [Fact]
    public async Task Moved_OfAPhotoThatIsReallyGone_IsNowhere()
    {
        var (id, ids) = await ReadyAsync();
        File.Delete(_bench.In("photos", "cats", "001.jpg"));
        await RescanAsync(id);

        Assert.Empty(await _bench.Store.MovedAsync(id, [.. ids.Values], NoRunSaid));
        Assert.Null(await _bench.Store.FileElsewhereAsync(id, ids["cats/001.jpg"], await HashOfAsync(id, ids["cats/001.jpg"])));
    }

    [Fact]
    public async Task Moved_WithACopyThatWasThereBefore_NamesTheNewPlaceFirst()
    {
        File.Copy(Path.Combine(_bench.Photos("photos", ("cats", 2), ("dogs", 3)), "cats/001.jpg"), _bench.In("photos", "dogs", "copy.jpg"));
        var (id, ids) = await ReadyAsync();
        Move("cats/001.jpg", "birds/001.jpg");
        await RescanAsync(id);

        var moved = await _bench.Store.MovedAsync(id, [.. ids.Values], NoRunSaid);

        Assert.Equal(["birds/001.jpg birds", "dogs/copy.jpg dogs"],
            Assert.Single(moved).Value.Select(place => $"{place.Path} {place.ClassName}"));
    }

    [Fact]
    public async Task Moved_WhoseNameAnotherPhotoTook_IsFoundByWhatTheRunSaw()
    {
        var (id, ids) = await ReadyAsync();
        var seen = new Dictionary<int, string> { [ids["cats/001.jpg"]] = await HashOfAsync(id, ids["cats/001.jpg"]) };
        Move("cats/001.jpg", "dogs/sorted.jpg");
        TestImages.Write(_bench.In("photos", "cats", "001.jpg"), 7, "another");
        await RescanAsync(id);

        Assert.Equal("dogs/sorted.jpg", (await _bench.Store.MovedAsync(id, [.. ids.Values], seen))[ids["cats/001.jpg"]][0].Path);
        Assert.Empty(await _bench.Store.MovedAsync(id, [.. ids.Values], NoRunSaid));
    }

    [Fact]
    public async Task Moved_IntoAnotherDataset_IsNotFound()
    {
        var (id, ids) = await ReadyAsync();
        Directory.CreateDirectory(_bench.In("others", "cats"));
        File.Move(_bench.In("photos", "cats", "001.jpg"), _bench.In("others", "cats", "001.jpg"));
        await _bench.ReadyAsync("others", ("dogs", 1));
        await RescanAsync(id);

        Assert.Empty(await _bench.Store.MovedAsync(id, [.. ids.Values], NoRunSaid));
    }

    public async Task InitializeAsync() => _bench = await DatasetBench.StartAsync();

    public Task DisposeAsync() => _bench.DisposeAsync().AsTask();

    private async Task<(int Id, Dictionary<string, int> Ids)> ReadyAsync()
    {
        var row = await _bench.ReadyAsync("photos", ("cats", 2), ("dogs", 3));
        return (row.Id, (await _bench.Store.SamplesAsync(row.Id)).ToDictionary(sample => sample.Path, sample => sample.Id));
    }

    private void Move(string from, string to)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_bench.In("photos", to))!);
        File.Move(_bench.In("photos", from), _bench.In("photos", to));
    }

    private async Task RescanAsync(int id)
    {
        Assert.True(await _bench.Store.RescanAsync(id));
        await _bench.ScannedAsync(id);
    }

    private async Task<string> HashOfAsync(int id, int sampleId) => (await _bench.Store.SampleAsync(id, sampleId))!.Sha256;
}
