using System.Globalization;
using Training.Core.Data;

namespace Dashboard.Samples;

/// <summary>Where the browser gets a sample's image. With the file's hash behind it the browser may keep the image for ever.</summary>
public static class SampleImage
{
    /// <summary>Longer side at most 1,600 px.</summary>
    public static string Full(int datasetId, Sample sample) => Of("images", datasetId, sample);

    /// <summary>Longer side at most 256 px.</summary>
    public static string Thumbnail(int datasetId, Sample sample) => Of("thumbs", datasetId, sample);

    /// <summary>When only the id is known: the browser keeps the image for a few minutes.</summary>
    public static string Full(int datasetId, int sampleId) => string.Create(CultureInfo.InvariantCulture, $"/images/{datasetId}/{sampleId}");

    /// <summary>When only the id is known: the browser keeps the image for a few minutes.</summary>
    public static string Thumbnail(int datasetId, int sampleId) => string.Create(CultureInfo.InvariantCulture, $"/thumbs/{datasetId}/{sampleId}");

    private static string Of(string kind, int datasetId, Sample sample)
    {
        ArgumentNullException.ThrowIfNull(sample);
        var version = sample.Sha256.Length > 0 ? $"?v={sample.Sha256[..Math.Min(12, sample.Sha256.Length)]}" : "";
        return string.Create(CultureInfo.InvariantCulture, $"/{kind}/{datasetId}/{sample.Id}{version}");
    }
}
