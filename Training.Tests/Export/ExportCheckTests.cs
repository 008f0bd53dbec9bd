using Training.Core.Export;
using Training.Tests.TestKit;

namespace Training.Tests.Export;

public sealed class ExportCheckTests
{
    private static readonly ExportCheck Nothing = new(0, 0, null);

    [Fact]
    public void With_ImagesThatAgree_IsGoodAndKnowsTheLargestDifference()
    {
        var check = Nothing.With([1, 2], [1, 2.005f]).With([3, 1], [3, 1]);

        Assert.Equal((2, 2, 0), (check.Images, check.Agreeing, check.NotFinite));
        Assert.Equal(0.005, check.LargestDifference!.Value, 1e-6);
        Assert.True(check.IsGood);
    }

    [Theory]
    [InlineData(float.NaN, 1)]
    [InlineData(1, float.NaN)]
    [InlineData(float.NaN, float.NaN)]
    [InlineData(float.PositiveInfinity, float.PositiveInfinity)]
    public void With_WhatIsNoNumber_IsNoAgreement(float ours, float theirs)
    {
        var check = Nothing.With([2, 1], [2, 1]).With([0, ours], [0, theirs]);

        Assert.Equal((2, 1, 1, false), (check.Images, check.Agreeing, check.NotFinite, check.IsGood));
        Assert.Equal(0, check.LargestDifference);
        Assert.EndsWith("For 1 of them the answer is no number (NaN or infinite).", check.Words, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_OfNothing_IsNoAgreementEither()
    {
        Assert.False(Nothing.IsGood);
        Assert.Contains("compared with nothing", Nothing.Words, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"images":6,"agreeing":6,"largestDifference":"NaN"}""", false)]
    [InlineData("""{"images":6,"agreeing":6,"largestDifference":1E-06}""", true)]
    public void Load_OfAFormerVersionsFile_BelievesNumbersOnly(string json, bool believed)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.In("export.json"), json);

        Assert.Equal(believed, ExportCheck.Load(folder.In("export.json")) is { IsGood: true });
    }

    [Fact]
    public void Save_OfACheck_LoadsAsTheSame()
    {
        using var folder = new TemporaryFolder();
        var check = Nothing.With([2, 1], [2, 1]).With([0, float.NaN], [0, 1]);

        check.Save(folder.In("export.json"));

        Assert.Equal(check, ExportCheck.Load(folder.In("export.json")));
    }
}
