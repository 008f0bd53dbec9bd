using Training.Tests.TestKit;

namespace Training.Tests.Images;

public sealed class DecodeBudgetTests
{
    [Fact]
    public async Task Take_MoreThanIsFree_WaitsUntilItIsGivenBack()
    {
        var budget = new DecodeBudget(100);
        budget.Take(60, default);
        var second = Task.Run(() => budget.Take(60, default));
        await Task.WhenAny(second, Task.Delay(50));
        Assert.False(second.IsCompleted);

        budget.Release(60);

        await second.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task Take_MoreThanTheWhole_IsServedAloneAndBeforeWhatCameLater()
    {
        var budget = new DecodeBudget(100);
        budget.Take(10, default);
        var huge = Task.Run(() => budget.Take(1000, default));
        await Task.WhenAny(huge, Task.Delay(50));
        // It would fit, but would let the huge one wait for ever.
        var small = Task.Run(() => budget.Take(10, default));
        await Task.WhenAny(small, Task.Delay(50));
        Assert.False(huge.IsCompleted || small.IsCompleted);

        budget.Release(10);
        await huge.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.False(small.IsCompleted);
        budget.Release(1000);

        await small.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task Take_CancelledWhileItWaits_EndsAndLetsOthersPass()
    {
        using var cancellation = new CancellationTokenSource();
        var budget = new DecodeBudget(100);
        budget.Take(60, default);
        var cancelled = Task.Run(() => budget.Take(100, cancellation.Token));
        await Task.WhenAny(cancelled, Task.Delay(50));

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled.WaitAsync(TimeSpan.FromSeconds(30)));
        budget.Take(40, default);
    }

    [Fact]
    public async Task DecodeSquare_HugePictures_WaitForTheBudgetOfTheProcessAndGiveItBack()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllBytesAsync(folder.In("huge.png"), HugePictures.Png(4000));
        using var cancellation = new CancellationTokenSource();
        DecodeBudget.OfPixels.Take(DecodeBudget.OfPixels.Bytes, default);
        Task waiting, cancelled;
        var square = new byte[32 * 32 * 3];
        try
        {
            waiting = Task.Run(() => ImageDecoder.DecodeSquare(folder.In("huge.png"), 32, ResizeKind.Squash, null, square));
            cancelled = Task.Run(() =>
                ImageDecoder.DecodeSquare(folder.In("huge.png"), 32, ResizeKind.Squash, null, new byte[square.Length],
                    cancellationToken: cancellation.Token));
            await Task.WhenAny(waiting, cancelled, Task.Delay(200));
            Assert.False(waiting.IsCompleted || cancelled.IsCompleted);
            await cancellation.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled.WaitAsync(TimeSpan.FromSeconds(60)));
        }
        finally
        {
            DecodeBudget.OfPixels.Release(DecodeBudget.OfPixels.Bytes);
        }

        await waiting.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal((0, 255), (square[0], square[^1]));
    }
}
