using System.Text.Json;
using Training.Core.Recipes;
using Training.Core.Runs;

namespace Training.Tests.Runs;

public sealed class RecipeJsonTests
{
    public static TheoryData<string> Names => [.. Presets.All.Select(preset => preset.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Recipe_WrittenAndRead_IsTheSame(string preset)
    {
        var recipe = Presets.Get(preset).Apply(new Recipe { Dataset = "고양이와 개", Name = "<script> \"first\"" });

        Assert.Equal(recipe, Read(JsonSerializer.Serialize(recipe, CoreJson.Indented)));
    }

    [Fact]
    public void Json_WithKorean_StaysReadableAndMarkupIsEscaped()
    {
        var json = JsonSerializer.Serialize(new Recipe { Dataset = "고양이 <b>", Optimizer = OptimizerKind.AdamW }, CoreJson.Options);

        Assert.Contains("고양이", json, StringComparison.Ordinal);
        Assert.DoesNotContain("<b>", json, StringComparison.Ordinal);
        Assert.Contains("\"optimizer\":\"adamW\"", json, StringComparison.Ordinal);
    }

    [Fact]
    public void Figures_ThatAreNoNumbers_AreNullAndReadAsSuch()
    {
        var json = JsonSerializer.Serialize(
            new { A = double.NaN, B = (double?)double.PositiveInfinity, C = float.NaN, D = 0.5, E = (float?)null }, CoreJson.Figures);

        Assert.Equal("""{"a":null,"b":null,"c":null,"d":0.5,"e":null}""", json);
        Assert.Equal([double.NaN, double.NegativeInfinity, 2], JsonSerializer.Deserialize<double[]>("""[null,"-Infinity",2]""", CoreJson.Figures)!);
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<double>("\"many\"", CoreJson.Figures));
        // What travels between trainer and dashboard keeps its NaN.
        Assert.Equal("\"NaN\"", JsonSerializer.Serialize(double.NaN, CoreJson.Options));
    }

    [Fact]
    public void Json_WithMissingFields_TakesTheDefaults() =>
        Assert.Equal(new Recipe { Dataset = "3", Epochs = 5 }, Read("""{"dataset":"3","epochs":5}"""));

    [Theory]
    [InlineData("""{"dataset":"3","mode":"magic"}""", "$.mode")]
    [InlineData("""{"dataset":"3","mode":2}""", "$.mode")]
    [InlineData("""{"dataset":"3","epochs":"many"}""", "$.epochs")]
    [InlineData("""{"dataset":"3","epochs":2.5}""", "$.epochs")]
    public void Json_WithAWordThatIsNone_NamesTheField(string json, string path) =>
        Assert.Equal(path, Assert.Throws<JsonException>(() => Read(json)).Path);

    [Fact]
    public void Json_WithoutADataset_IsRefusedByName() =>
        Assert.Contains("dataset", Assert.Throws<JsonException>(() => Read("""{"epochs":5}""")).Message, StringComparison.Ordinal);

    [Fact]
    public void Json_WithNaN_IsReadForTheValidatorToName() =>
        Assert.True(double.IsNaN(Read("""{"dataset":"3","learningRate":"NaN"}""").LearningRate));

    private static Recipe Read(string json) => JsonSerializer.Deserialize<Recipe>(json, CoreJson.Options)!;
}
