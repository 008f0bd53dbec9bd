using System.Security.Cryptography;
using Dashboard.Storage.Files;
using Training.Tests.TestKit;

namespace Training.Tests.Storage.Files;

public sealed class BlobCacheTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Add_OfOneFileByMany_BringsItOnce()
    {
        var (content, hash) = Blob(1);
        var (brought, gate) = (0, new TaskCompletionSource());
        // As two devices of a machine, and another agent that shares the folder.
        BlobCache[] caches = [Cache(), Cache()];
        async Task CopyAsync(HeldPart part, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref brought);
            await gate.Task.WaitAsync(cancellationToken);
            await part.Content.WriteAsync(content, cancellationToken);
        }

        var adding = Enumerable.Range(0, 6).Select(i => caches[i % 2].AddAsync(hash, CopyAsync, CancellationToken.None)).ToList();
        await Eventually.TrueAsync(() => Volatile.Read(ref brought) > 0, "the first one brings it");
        gate.SetResult();
        await Task.WhenAll(adding);

        Assert.Equal(1, brought);
        Assert.Equal(content, await File.ReadAllBytesAsync(_folder.In(BlobCache.PathOf(hash).Split('/'))));
        Assert.Empty(Directory.GetFiles(_folder.Path, "*.part", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Add_WhoseFirstBringerFails_IsBroughtByTheNextFromWhereItWas()
    {
        var (content, hash) = Blob(2);
        var from = new List<long>();
        var cache = Cache();

        await Assert.ThrowsAsync<HttpRequestException>(() => cache.AddAsync(hash, async (part, cancellationToken) =>
        {
            await part.Content.WriteAsync(content.AsMemory(0, 300), cancellationToken);
            throw new HttpRequestException("broke");
        }, CancellationToken.None));
        await cache.AddAsync(hash, async (part, cancellationToken) =>
        {
            from.Add(part.Content.Position);
            await part.Content.WriteAsync(content.AsMemory((int)part.Content.Position), cancellationToken);
        }, CancellationToken.None);

        Assert.Equal([300], from);
        Assert.True(cache.Has(hash));
    }

    [Fact]
    public async Task Add_OfAnotherContent_IsRefusedAndNotKept()
    {
        var (_, hash) = Blob(3);

        var error = await Assert.ThrowsAsync<InvalidDataException>(() => Cache().AddAsync(
            hash, (part, cancellationToken) => part.Content.WriteAsync(new byte[10], cancellationToken).AsTask(), CancellationToken.None));

        Assert.Contains("has another content", error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder.Path, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Room_ForOneRun_IsNotMadeOfFilesThatAnotherOneReads()
    {
        var hashes = await FilledAsync(4);
        // Two fit, and each but the last one is used by somebody.
        var (mine, others) = (Cache(), Cache(2000));
        using var running = await mine.ReserveAsync("run 1", hashes[..2], CancellationToken.None);

        using var starting = await others.ReserveAsync("run 2", [hashes[2]], CancellationToken.None);

        Assert.Equal([true, true, true, false], hashes.Select(mine.Has));
    }

    [Fact]
    public async Task Room_WhenARunIsOver_IsMadeOfItsFiles()
    {
        var hashes = await FilledAsync(4);
        var cache = Cache(2000);
        var over = await Cache().ReserveAsync("run 1", hashes[..3], CancellationToken.None);
        over.Dispose();

        using var next = await cache.ReserveAsync("run 2", [hashes[3]], CancellationToken.None);

        Assert.Equal([false, false, true, true], hashes.Select(cache.Has));
        Assert.Equal(["run 2"], Directory.GetFiles(_folder.In(".leases")).Select(Path.GetFileName));
    }

    [Fact]
    public async Task Room_WhileTheTrainerOfADeadAgentStillReads_IsNotMadeOfItsFiles()
    {
        var hashes = await FilledAsync(3);
        var cache = Cache(1000);
        var ofAgent = await Cache().ReserveAsync("run 1", hashes[..2], CancellationToken.None);
        var ofTrainer = BlobLease.Join(_folder.Path, "run 1");
        ofAgent.Dispose();

        using (await cache.ReserveAsync("run 2", [], CancellationToken.None)) Assert.Equal([true, true, false], hashes.Select(cache.Has));
        ofTrainer!.Dispose();
        using (await cache.ReserveAsync("run 3", [], CancellationToken.None)) Assert.Single(hashes, cache.Has);

        Assert.Null(BlobLease.Join(_folder.Path, "run 1"));
    }

    [Fact]
    public async Task Room_OfAPartThatNobodyTouchedForLong_IsMadeUnlessSomebodyWritesIt()
    {
        var (_, hash) = Blob(1);
        var part = _folder.In([.. BlobCache.PathOf(hash).Split('/')]) + PartFile.Suffix;
        Directory.CreateDirectory(Path.GetDirectoryName(part)!);
        var cache = Cache();
        using (HeldFile.TryOpen(part))
        {
            File.SetLastWriteTimeUtc(part, TimeProvider.System.GetUtcNow().UtcDateTime.AddDays(-2));
            using (await cache.ReserveAsync("run 1", [], CancellationToken.None)) Assert.True(File.Exists(part));
        }

        using (await cache.ReserveAsync("run 2", [], CancellationToken.None)) Assert.False(File.Exists(part));
    }

    /// <summary>Files of 1,000 bytes, the first one used longest ago.</summary>
    private async Task<List<string>> FilledAsync(int count)
    {
        var (cache, hashes) = (Cache(), new List<string>());
        for (var i = 0; i < count; i++)
        {
            var (content, hash) = Blob(i + 10);
            await cache.AddAsync(hash, (part, cancellationToken) => part.Content.WriteAsync(content, cancellationToken).AsTask(),
                CancellationToken.None);
            cache.Touch(hash, DateTimeOffset.UnixEpoch.AddDays(20_000 + i));
            hashes.Add(hash);
        }
        return hashes;
    }

    private static (byte[] Content, string Hash) Blob(int seed)
    {
        var content = new byte[1000];
        new Random(seed).NextBytes(content);
        return (content, Convert.ToHexStringLower(SHA256.HashData(content)));
    }

    private BlobCache Cache(long mostBytes = long.MaxValue) => new(_folder.Path, mostBytes, TimeProvider.System);
}
