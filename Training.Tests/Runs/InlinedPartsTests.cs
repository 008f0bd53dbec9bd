using System.Text.Json;
using Training.Core.Runs;

namespace Training.Tests.Runs;

public sealed class InlinedPartsTests
{
    private static readonly Whole Example = new() { Before = 1, Part = new Part { Name = "n", Share = 0.5 }, After = "z" };

    [Fact]
    public void Part_StandsInTheJsonOfItsWhole_InItsPlace() =>
        Assert.Equal("""{"before":1,"name":"n","share":0.5,"after":"z"}""", JsonSerializer.Serialize(Example, CoreJson.Options));

    [Fact]
    public void Part_ComesBackFromTheJsonOfItsWhole() =>
        Assert.Equal(Example, JsonSerializer.Deserialize<Whole>(JsonSerializer.Serialize(Example, CoreJson.Options), CoreJson.Options));

    [Fact]
    public void Part_FollowsTheRulesOfFigures()
    {
        var nothing = Example with { Part = Example.Part with { Share = double.NaN } };
        Assert.Equal("""{"before":1,"name":"n","share":null,"after":"z"}""", JsonSerializer.Serialize(nothing, CoreJson.Figures));
    }

    [Fact]
    public void Json_WithoutARequiredPropertyOfAPart_IsRefused() => Assert.Throws<JsonException>(() =>
        JsonSerializer.Deserialize<Whole>("""{"before":1,"name":"n","after":"z"}""", CoreJson.Options));

    private sealed record Whole
    {
        public required int Before { get; init; }
        [Inlined] public required Part Part { get; init; }
        public required string After { get; init; }
    }

    private sealed record Part
    {
        public required string Name { get; init; }
        public required double Share { get; init; }
    }
}
