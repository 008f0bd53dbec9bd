using Training.Core.Runs;

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

    [Fact]
    public void Outlast_WhenItIsCancelled_WaitsNoLonger()
    {
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));

        Assert.Throws<OperationCanceledException>(() => FullDisk.Outlast(() => throw NoSpace, _ => { }, stop.Token));
    }

    [Fact]
    public void Outlast_OfAnotherFault_IsNotForIt()
    {
        Assert.Throws<IOException>(() => FullDisk.Outlast(() => throw new IOException("Input/output error", 5), _ => { }, CancellationToken.None));
        Assert.True(FullDisk.Is(new HttpRequestException("Error while copying content to a stream.", NoSpace)));
    }
}
