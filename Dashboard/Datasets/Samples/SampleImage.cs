using System.Globalization;
using Training.Core.Data;

namespace Dashboard.Datasets.Samples;

/// <summary>Where the browser gets a sample's image. With the file's hash behind it the browser may keep the image for ever.</summary>
public static class SampleImage
{
    /// <summary>Longer side at most 1,600 px.</summary>
    public static string Full(int datasetId, Sample sample) => Of("images", datasetId, sample);

    /// <summary>Longer side at most 256 px.</summary>
    public static string Thumbnail(int datasetId, Sample sample) => Of("thumbs", datasetId, sample);

    /// <summary>The picture that a run saw, or that it has changed since; the browser keeps it for a few minutes.</summary>
    public static string FullOf(int runId, int datasetId, int sampleId) => Of("images", runId, datasetId, sampleId);

    /// <inheritdoc cref="FullOf"/>
    public static string ThumbnailOf(int runId, int datasetId, int sampleId) => Of("thumbs", runId, datasetId, sampleId);

    private static string Of(string kind, int runId, int datasetId, int sampleId) =>
        string.Create(CultureInfo.InvariantCulture, $"/{kind}/{datasetId}/{sampleId}?run={runId}");

    private static string Of(string kind, int datasetId, Sample sample)
    {
        ArgumentNullException.ThrowIfNull(sample);
        var version = sample.Sha256.Length > 0 ? $"?v={sample.Sha256[..Math.Min(12, sample.Sha256.Length)]}" : "";
        return string.Create(CultureInfo.InvariantCulture, $"/{kind}/{datasetId}/{sample.Id}{version}");
    }
}
