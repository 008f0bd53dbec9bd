using System.Globalization;
using System.Security.Cryptography;
using Training.Core.Data;
using Training.Core.Engine.Features;
using Training.Tests.TestKit;

namespace Training.Tests.Engine.Features;

public sealed class FeatureCacheTests : IDisposable
{
    private const int Width = 5;

    private readonly TemporaryFolder _root = new();

    public void Dispose() => _root.Dispose();

    [Fact]
    public void TryRead_InTheNextOpening_GivesWhatTwoWritersKept()
    {
        using (var first = new FeatureCache(_root.In("net"), Width))
        using (var second = new FeatureCache(_root.In("net"), Width))
        {
            first.Add(Key("a"), Values(1));
            second.Add(Key("b"), Values(2));
        }

        using var cache = new FeatureCache(_root.In("net"), Width);

        Assert.Equal(2, cache.Count);
        Assert.Equal(Values(1), Read(cache, "a"));
        Assert.Equal(Values(2), Read(cache, "b"));
        Assert.Null(Read(cache, "c"));
    }

    [Fact]
    public void TryRead_FileCutOffInTheMiddleOfARecord_KeepsTheRecordsBefore()
    {
        using (var writer = new FeatureCache(_root.In("net"), Width))
            foreach (var name in new[] { "a", "b" }) writer.Add(Key(name), Values(name[0]));
        using (var file = File.OpenWrite(TheFile())) file.SetLength(file.Length - 1);

        using var cache = new FeatureCache(_root.In("net"), Width);

        Assert.Equal(Values('a'), Read(cache, "a"));
        Assert.False(cache.Contains(Key("b")));
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.NegativeInfinity)]
    public void Add_WhatIsNoNumber_IsRefused(float value)
    {
        using var cache = new FeatureCache(_root.In("net"), Width);

        Assert.Throws<ArgumentException>(() => cache.Add(Key("a"), [1, 2, value, 4, 5]));
        Assert.False(Directory.Exists(_root.In("net")));
    }

    [Fact]
    public void TryRead_RecordDamaged_IsNotThere()
    {
        using (var writer = new FeatureCache(_root.In("net"), Width)) writer.Add(Key("a"), Values(1));
        var bytes = File.ReadAllBytes(TheFile());
        bytes[FeatureKey.Bytes + 3] ^= 1;
        File.WriteAllBytes(TheFile(), bytes);

        using var cache = new FeatureCache(_root.In("net"), Width);

        Assert.True(cache.Contains(Key("a")));
        Assert.Null(Read(cache, "a"));
        Assert.False(cache.Contains(Key("a")));
    }

    [Fact]
    public void Trim_TooLarge_DeletesTheLeastRecentlyUsedButNeverTheOneInUse()
    {
        foreach (var (net, day) in new[] { ("old", 1), ("older", 0), ("new", 2) })
        {
            using (var writer = new FeatureCache(_root.In(net), Width)) writer.Add(Key("a"), Values(1));
            Directory.SetLastWriteTimeUtc(_root.In(net), new DateTime(2026, 1, 1 + day, 0, 0, 0, DateTimeKind.Utc));
        }
        var size = new FileInfo(Directory.GetFiles(_root.In("new")).Single()).Length;

        FeatureCache.Trim(_root.Path, keep: _root.In("older"), bytes: size);

        Assert.Equal(["new", "older"], Directory.GetDirectories(_root.Path).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void Of_ViewsOfAnImage_DifferByEverythingThatDeterminesThem()
    {
        var sample = new Sample(3, "a.jpg", 0, Split.Train) { Sha256 = Hex("a") };

        var keys = new[]
        {
            FeatureKey.Of(sample, 0, new(AugmentationKind.Flip), 1), FeatureKey.Of(sample, 1, new(AugmentationKind.Flip), 1),
            FeatureKey.Of(sample, 2, new(AugmentationKind.Flip), 1), FeatureKey.Of(sample, 1, new(AugmentationKind.CropAndFlip), 1),
            FeatureKey.Of(sample, 1, new(AugmentationKind.Flip), 2),
        };

        Assert.Equal(keys.Length, keys.Distinct().Count());
        Assert.Equal(keys[0], FeatureKey.Of(sample with { Id = 9, Path = "b.jpg", Label = 1 }, 0, new(AugmentationKind.None), 7));
        Assert.Null(FeatureKey.Of(sample with { Sha256 = "" }, 0, new(AugmentationKind.None), 1));
    }

    private string TheFile() => Directory.GetFiles(_root.In("net")).Single();

    private static float[]? Read(FeatureCache cache, string name)
    {
        var values = new float[Width];
        return cache.TryRead(Key(name), values) ? values : null;
    }

    private static FeatureKey Key(string name) => FeatureKey.Read(Convert.FromHexString(Hex(name)));

    private static string Hex(string name) => Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.ASCII.GetBytes(name)));

    private static float[] Values(int seed) =>
        [.. Enumerable.Range(0, Width).Select(index => float.Parse($"{seed}.{index}", CultureInfo.InvariantCulture))];
}
