using Dashboard.Processes;

namespace Training.Tests.Processes;

public sealed class LruCacheTests
{
    private readonly LruCache<string, Value> _cache = new(capacity: 10, value => value.Weight);
    private int _loads;

    [Fact]
    public async Task Borrow_BeyondTheCapacity_DisposesTheLeastRecentlyUsed()
    {
        var first = await UseAsync("first", 4);
        var second = await UseAsync("second", 4);
        await UseAsync("first", 4);

        var third = await UseAsync("third", 4);

        Assert.Equal((false, true, false), (first.IsDisposed, second.IsDisposed, third.IsDisposed));
        Assert.Equal(["third", "first"], _cache.Loaded.Select(each => each.Key));
    }

    [Fact]
    public async Task Borrow_OfAnother_LeavesWhatIsLentOutAlone()
    {
        var loan = await BorrowAsync("lent", 8);

        var other = await UseAsync("other", 8);
        Assert.False(loan.Value.IsDisposed);
        loan.Dispose();

        Assert.True(loan.Value.IsDisposed);
        Assert.False(other.IsDisposed);
    }

    [Fact]
    public async Task Clear_WhileAValueIsLentOut_DisposesItWhenTheLastIsDone()
    {
        var one = await BorrowAsync("lent", 1);
        var two = await BorrowAsync("lent", 1);
        var idle = await UseAsync("idle", 1);

        _cache.Clear();
        Assert.True(idle.IsDisposed);
        one.Dispose();
        one.Dispose();
        Assert.False(two.Value.IsDisposed);
        two.Dispose();

        Assert.True(two.Value.IsDisposed);
        Assert.Empty(_cache.Loaded);
    }

    [Fact]
    public async Task Clear_WhileAValueIsLoadedForNobody_DisposesItWhenItIsThere()
    {
        var gate = new TaskCompletionSource<Value>();
        var value = new Value(1);
        using var leaving = new CancellationTokenSource();
        var caller = _cache.BorrowAsync("slow", () => gate.Task, leaving.Token);
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => caller);

        _cache.Clear();
        gate.SetResult(value);

        await value.Disposed.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task Borrow_WhoseLoadFails_FailsForAllWhoWaitAndLoadsForTheNext()
    {
        var gate = new TaskCompletionSource<Value>();
        var callers = Enumerable.Range(0, 5).Select(_ => _cache.BorrowAsync("key", () => gate.Task, CancellationToken.None)).ToList();
        gate.SetException(new InvalidDataException("torn"));
        foreach (var caller in callers) await Assert.ThrowsAsync<InvalidDataException>(() => caller);

        await UseAsync("key", 1);

        Assert.Equal(1, _loads);
    }

    [Fact]
    public async Task Change_ThatMakesAValueHeavier_MakesRoomWithoutUsingIt()
    {
        var oldest = await UseAsync("oldest", 2);
        var grown = await UseAsync("grown", 2);
        var newest = await UseAsync("newest", 2);

        _cache.Change("grown", value => value.Weight = 7);
        _cache.Change("none", value => value.Weight = 99);

        Assert.Equal((true, false, false), (oldest.IsDisposed, grown.IsDisposed, newest.IsDisposed));
        Assert.Equal(["newest", "grown"], _cache.Loaded.Select(each => each.Key));
    }

    [Fact]
    public async Task Remove_OfALoadedValue_LoadsItAnew()
    {
        var first = await UseAsync("key", 1);

        _cache.Remove("key");

        Assert.True(first.IsDisposed);
        Assert.NotSame(first, await UseAsync("key", 1));
    }

    private Task<LruCache<string, Value>.Loan> BorrowAsync(string key, long weight) => _cache.BorrowAsync(key, () =>
    {
        _loads++;
        return Task.FromResult(new Value(weight));
    }, CancellationToken.None);

    private async Task<Value> UseAsync(string key, long weight)
    {
        using var loan = await BorrowAsync(key, weight);
        return loan.Value;
    }

    private sealed class Value(long weight) : IDisposable
    {
        public long Weight { get; set; } = weight;

        public TaskCompletionSource Disposed { get; } = new();

        public bool IsDisposed => Disposed.Task.IsCompleted;

        public void Dispose() => Disposed.SetResult();
    }
}
