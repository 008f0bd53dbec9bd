using Dashboard.Runs.Predictions;
using Training.Tests.TestKit;

namespace Training.Tests.Runs.Predictions;

public sealed class EpochCacheTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly EpochCache<string> _cache = new(capacity: 10, text => text.Length);
    private int _reads;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Get_FromManyCallersAtOnce_ReadsOnce()
    {
        var file = Write("a", "12345");
        var gate = new TaskCompletionSource();

        var callers = Enumerable.Range(0, 20).Select(_ => _cache.GetAsync(file, async path =>
        {
            Interlocked.Increment(ref _reads);
            await gate.Task;
            return await File.ReadAllTextAsync(path);
        }, CancellationToken.None)).ToList();
        gate.SetResult();

        Assert.All(await Task.WhenAll(callers), text => Assert.Equal("12345", text));
        Assert.Equal(1, _reads);
    }

    [Fact]
    public async Task Get_BeyondTheCapacity_ForgetsTheLeastRecentlyUsed()
    {
        var (a, b, c) = (Write("a", "aaaa"), Write("b", "bbbb"), Write("c", "cccc"));
        await ReadAsync(a);
        await ReadAsync(b);
        await ReadAsync(a);
        await ReadAsync(c);
        Assert.Equal(3, _reads);

        await ReadAsync(a);
        Assert.Equal(3, _reads);
        await ReadAsync(b);
        Assert.Equal(4, _reads);
    }

    [Fact]
    public async Task Get_HeavierThanTheCapacity_IsKeptAllTheSame()
    {
        var file = Write("a", new string('x', 100));
        await ReadAsync(file);

        await ReadAsync(file);

        Assert.Equal(1, _reads);
    }

    [Fact]
    public async Task Get_WhoseCallerLeaves_StillServesTheOther()
    {
        var file = Write("a", "12345");
        var gate = new TaskCompletionSource();
        using var leaving = new CancellationTokenSource();
        Task<string> Slowly(string path) => gate.Task.ContinueWith(_ => File.ReadAllText(path), TaskScheduler.Default);

        var first = _cache.GetAsync(file, Slowly, leaving.Token);
        var second = _cache.GetAsync(file, Slowly, CancellationToken.None);
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        gate.SetResult();

        Assert.Equal("12345", await second);
    }

    [Fact]
    public async Task Get_AfterAFailure_ReadsAgain()
    {
        var file = Write("a", "12345");
        await Assert.ThrowsAsync<InvalidDataException>(() =>
            _cache.GetAsync(file, _ => Task.FromException<string>(new InvalidDataException("torn")), CancellationToken.None));

        Assert.Equal("12345", await ReadAsync(file));
    }

    private Task<string?> ReadAsync(string file) => _cache.GetAsync(file, path =>
    {
        Interlocked.Increment(ref _reads);
        return File.ReadAllTextAsync(path);
    }, CancellationToken.None);

    private string Write(string name, string text)
    {
        File.WriteAllText(_folder.In(name), text);
        return _folder.In(name);
    }
}
