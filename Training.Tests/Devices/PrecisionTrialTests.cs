using Training.Core.Devices;
using Training.Tests.TestKit;
using static TorchSharp.torch;

namespace Training.Tests.Devices;

[Collection(GlobalTorchState.Name)]
public sealed class PrecisionTrialTests : IDisposable
{
    private readonly TemporaryFolder _cache = new();

    public void Dispose() => _cache.Dispose();

    [Theory]
    [InlineData(1.0, 0.4, PrecisionKind.Bf16, "2.5 times as fast as fp32")]
    [InlineData(1.0, 0.9, PrecisionKind.Fp32, "bf16 1.1 times as fast")]
    [InlineData(1.0, 4.0, PrecisionKind.Fp32, "bf16 0.3 times as fast")]
    public void Choose_TheShorterNumbers_OnlyWhereTheyAreClearlyFaster(double fp32, double bf16, PrecisionKind expected, string words)
    {
        var (kind, why) = PrecisionTrial.Choose(
            new Dictionary<PrecisionKind, double> { [PrecisionKind.Fp32] = fp32, [PrecisionKind.Bf16] = bf16 });

        Assert.Equal(expected, kind);
        Assert.Contains(words, why, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(10.0, 10.0, false)]
    [InlineData(2.0, 2.0, true)]
    [InlineData(1.1, 0.4, true)]
    public void Measure_WhatIsFarSlowerAtAGlance_IsNotTriedInFull(double atAGlance, double inFull, bool isTried)
    {
        var full = new List<PrecisionKind>();
        double Step(PrecisionKind kind, int side)
        {
            if (side == 56) full.Add(kind);
            return kind == PrecisionKind.Fp32 ? side : side * (side == 56 ? inFull : atAGlance);
        }

        var seconds = PrecisionTrial.Measure([PrecisionKind.Fp32, PrecisionKind.Bf16], Step);

        Assert.Equal(isTried, full.Contains(PrecisionKind.Bf16));
        Assert.Equal(inFull, seconds[PrecisionKind.Bf16] / seconds[PrecisionKind.Fp32], 3);
    }

    [Fact]
    public void Measure_OneOfThree_KeepsItsShareOfTheGlance()
    {
        var seconds = PrecisionTrial.Measure(
            [PrecisionKind.Fp32, PrecisionKind.Tf32, PrecisionKind.Bf16],
            (kind, side) => kind switch { PrecisionKind.Fp32 => side, PrecisionKind.Tf32 => side / 2.0, _ => side * 8.0 });

        Assert.Equal(0.5, seconds[PrecisionKind.Tf32] / seconds[PrecisionKind.Fp32], 3);
        Assert.Equal(8, seconds[PrecisionKind.Bf16] / seconds[PrecisionKind.Fp32], 3);
    }

    [Fact]
    public void Choose_Auto_IsDecidedOnceAndKeptInTheCache()
    {
        var first = ComputeDevice.Choose(PrecisionKind.Auto, _cache.Path);
        var file = _cache.In("precision.json");
        Assert.Contains("trial", first.Why, StringComparison.Ordinal);

        // What another trial might have found under load does not matter any more.
        var other = first.Kind == PrecisionKind.Fp32 ? "bf16" : "fp32";
        File.WriteAllText(file,
            File.ReadAllText(file).Replace($"\"{first.Kind.ToString().ToLowerInvariant()}\"", $"\"{other}\"", StringComparison.Ordinal));
        var second = ComputeDevice.Choose(PrecisionKind.Auto, _cache.Path);

        Assert.Equal(other, second.Kind.ToString().ToLowerInvariant());
        Assert.Equal(other == "bf16" ? ScalarType.BFloat16 : ScalarType.Float32, second.Images);
    }

    [Theory]
    [InlineData("{ torn")]
    [InlineData("{\"device\":\"another machine\",\"kind\":\"bf16\",\"why\":\"\"}")]
    public void Choose_CacheIsTornOrAnothers_TriesAgain(string text)
    {
        File.WriteAllText(_cache.In("precision.json"), text);

        var device = ComputeDevice.Choose(PrecisionKind.Auto, _cache.Path);

        Assert.Contains("trial", device.Why, StringComparison.Ordinal);
        Assert.Equal(device, ComputeDevice.Choose(PrecisionKind.Auto, _cache.Path));
    }

    [Fact]
    public void Choose_AsTheRecipeSays_NeedsNoTrial()
    {
        var device = ComputeDevice.Choose(PrecisionKind.Bf16, _cache.Path);

        Assert.Equal((PrecisionKind.Bf16, "as the recipe says"), (device.Kind, device.Why));
        Assert.False(File.Exists(_cache.In("precision.json")));
    }
}
