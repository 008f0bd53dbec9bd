using Dashboard.Datasets;
using Dashboard.Storage;
using Training.Core.Data;
using Training.Core.Data.Demo;
using Training.Tests.TestKit;

namespace Training.Tests.Datasets;

public sealed class DemoDatasetTests
{
    private static readonly Dictionary<string, string> WithDemo = new() { ["Dashboard:DemoDataset"] = "true" };

    [Fact]
    public async Task Start_TheFirstTime_MakesTheDemoSet()
    {
        await using var bench = new DatasetBench(settings: WithDemo);

        var row = await bench.ScannedAsync(await DemoAsync(bench));

        Assert.Equal((DatasetStore.DemoName, DatasetState.Ready, DatasetOrigin.Demo), (row.Name, row.State, row.Origin));
        Assert.Equal(ShapesDataset.Classes, row.Classes);
        Assert.Equal(ShapesDataset.TrainPerClass * 8, bench.Store.Outline(row).Count(Split.Train));
        Assert.Empty(bench.Store.Outline(row).Problems);
    }

    [Fact]
    public async Task Start_AfterTheDemoSetWasDeleted_DoesNotBringItBack_ButAPersonCan()
    {
        await using var bench = new DatasetBench(settings: WithDemo);
        await bench.Store.DeleteAsync(await DemoAsync(bench));
        await bench.App.DisposeAsync();

        await using var next = new DatasetBench(bench.App.DataRoot, WithDemo);
        await next.ReadyAsync("photos", ("a", 1), ("b", 1));

        Assert.DoesNotContain(await next.Store.ListAsync(), row => row.Origin == DatasetOrigin.Demo);
        var again = await next.ScannedAsync((await next.Store.AddDemoAsync()).Id);
        Assert.Equal(DatasetState.Ready, again.State);
        await Assert.ThrowsAsync<DatasetException>(() => next.Store.AddDemoAsync());
    }

    [Fact]
    public async Task Start_WithoutTheOption_MakesNone()
    {
        await using var bench = new DatasetBench();

        await bench.ReadyAsync("photos", ("a", 1), ("b", 1));

        Assert.Single(await bench.Store.ListAsync());
    }

    private static async Task<int> DemoAsync(DatasetBench bench) => (await Eventually.NotNullAsync(
        async () => (await bench.Store.ListAsync()).FirstOrDefault(row => row.Origin == DatasetOrigin.Demo),
        "the demo set is registered")).Id;
}
