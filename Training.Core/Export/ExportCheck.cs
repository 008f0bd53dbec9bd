using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Training.Core.Runs;

namespace Training.Core.Export;

/// <summary>How far model.onnx under ONNX Runtime agrees with the network that it was written from, in fp32: export.json.</summary>
/// <param name="Images">Validation images that both looked at.</param>
/// <param name="Agreeing">How many of them got the same class from both.</param>
/// <param name="LargestDifference">Between two logits of an image; null: no image got numbers from both.</param>
/// <param name="NotFinite">How many got an answer that is no number from either: no agreement, whatever the other said.</param>
public sealed record ExportCheck(int Images, int Agreeing, double? LargestDifference, int NotFinite = 0)
{
    /// <summary>Differences beyond this are no rounding any more.</summary>
    private const double Tolerance = 0.01;

    public bool IsGood => Images > 0 && Agreeing == Images && NotFinite == 0 && LargestDifference <= Tolerance;

    /// <summary>Sentences for people.</summary>
    [JsonIgnore]
    public string Words
    {
        get
        {
            if (Images == 0) return "model.onnx was compared with nothing: there is no validation image.";
            var words = string.Create(CultureInfo.InvariantCulture,
                $"model.onnx gives {Agreeing} of {Images} validation images the same class as the "
                + $"network");
            words += LargestDifference is { } difference
                ? FormattableString.Invariant($"; the logits differ by {difference:G2} at most.") : ".";
            return NotFinite == 0 ? words
                : words + FormattableString.Invariant($" For {NotFinite} of them the answer is no number (NaN or infinite).");
        }
    }

    /// <summary>Counts another image.</summary>
    /// <param name="ours">The network's logits.</param>
    /// <param name="theirs">Those of the exported model, as many.</param>
    internal ExportCheck With(ReadOnlySpan<float> ours, ReadOnlySpan<float> theirs)
    {
        var (highest, theirHighest, largest) = (0, 0, 0.0);
        for (var label = 0; label < ours.Length; label++)
        {
            if (!float.IsFinite(ours[label]) || !float.IsFinite(theirs[label]))
                return this with { Images = Images + 1, NotFinite = NotFinite + 1 };
            if (ours[label] > ours[highest]) highest = label;
            if (theirs[label] > theirs[theirHighest]) theirHighest = label;
            largest = Math.Max(largest, Math.Abs((double)ours[label] - theirs[label]));
        }
        return this with
        {
            Images = Images + 1,
            Agreeing = Agreeing + (highest == theirHighest ? 1 : 0),
            LargestDifference = Math.Max(LargestDifference ?? 0, largest),
        };
    }

    public void Save(string path) => AtomicFile.WriteText(path, JsonSerializer.Serialize(this, CoreJson.Indented));

    /// <returns>Null when there is none, or not such a file.</returns>
    public static ExportCheck? Load(string path)
    {
        try
        {
            var check = File.Exists(path) ? JsonSerializer.Deserialize<ExportCheck>(File.ReadAllText(path), CoreJson.Options) : null;
            // Files of former versions may say "differ by NaN": then nobody counted right.
            return check is { LargestDifference: { } difference } && !double.IsFinite(difference) ? null : check;
        }
        catch (Exception error) when (error is IOException or JsonException)
        {
            return null;
        }
    }
}
