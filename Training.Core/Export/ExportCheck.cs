using System.Text.Json;
using Training.Core.Runs;

namespace Training.Core.Export;

/// <summary>How far model.onnx under ONNX Runtime agrees with the network that it was written from, in fp32: export.json.</summary>
/// <param name="Images">Validation images that both looked at.</param>
/// <param name="Agreeing">How many of them got the same class from both.</param>
/// <param name="LargestDifference">Between two logits of an image.</param>
public sealed record ExportCheck(int Images, int Agreeing, double LargestDifference)
{
    /// <summary>Differences beyond this are no rounding any more.</summary>
    private const double Tolerance = 0.01;

    public bool IsGood => Agreeing == Images && LargestDifference <= Tolerance;

    public void Save(string path) => AtomicFile.WriteText(path, JsonSerializer.Serialize(this, CoreJson.Indented));

    /// <returns>Null when there is none, or not such a file.</returns>
    public static ExportCheck? Load(string path)
    {
        try
        {
            return File.Exists(path) ? JsonSerializer.Deserialize<ExportCheck>(File.ReadAllText(path), CoreJson.Options) : null;
        }
        catch (Exception error) when (error is IOException or JsonException)
        {
            return null;
        }
    }
}
