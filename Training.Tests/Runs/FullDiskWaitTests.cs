using Training.Core.Runs;
using Training.Tests.TestKit;

namespace Training.Tests.Runs;

public sealed class FullDiskWaitTests
{
    private static readonly IOException NoSpace = new("No space left on device : '/data/x'", 28);

    [Fact]
    public void Outlast_OfADiskThatHasRoomLater_WritesAndTellsOnce()
    {
        var (tries, told) = (0, new List<string>());

        FullDisk.Outlast(() => { if (++tries < 3) throw NoSpace; }, told.Add, CancellationToken.None);

        Assert.Equal(3, tries);
        Assert.Contains("/data/x", Assert.Single(told), StringComparison.Ordinal);
    }

    [SkippableFact]
    public void Outlast_OfALargeFile_SaysWhatItNeedsAndIsNotTriedBeforeThereIsRoom()
    {
        using var disk = new SmallDisk(2048);
        var (tries, told) = (0, new List<string>());
        var wentOn = false;
        using var later = new Timer(_ => disk.Grow(8192), null, TimeSpan.FromSeconds(5), Timeout.InfiniteTimeSpan);

        FullDisk.Outlast(
            () =>
            {
                tries++;
                AtomicFile.Write(disk.In("model.onnx"), stream => stream.Write(new byte[3_000_000]));
            },
            told.Add, CancellationToken.None, () => wentOn = true);

        Assert.Equal((2, true), (tries, wentOn));
        Assert.True(FullDisk.IsWaiting(Assert.Single(told)));
        Assert.Contains("model.onnx, which needs 3.0 MB: 2.1 MB are free", told[0], StringComparison.Ordinal);
        Assert.Equal(3_000_000, new FileInfo(disk.In("model.onnx")).Length);
    }

    [Fact]
    public void Outlast_WhenItIsCancelled_WaitsNoLonger()
    {
        using var cancellation = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));

        Assert.Throws<OperationCanceledException>(() => FullDisk.Outlast(() => throw NoSpace, _ => { }, cancellation.Token));
    }

    [Fact]
    public void Outlast_OfAnotherFault_IsNotForIt()
    {
        Assert.Throws<IOException>(() =>
            FullDisk.Outlast(() => throw new IOException("Input/output error", 5), _ => { }, CancellationToken.None));
        Assert.True(FullDisk.Is(new HttpRequestException("Error while copying content to a stream.", NoSpace)));
    }
}
