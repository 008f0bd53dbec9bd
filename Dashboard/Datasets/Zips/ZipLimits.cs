using Dashboard.Datasets.Imports;
using Dashboard.Storage;
namespace Dashboard.Datasets.Zips;

/// <summary>How much a zip may unpack to.</summary>
internal sealed record ZipLimits
{
    /// <summary>Images hardly shrink in a zip. One that grows more than this is made to fill disks.</summary>
    public const int MaxGrowth = 200;

    /// <summary>Below this a zip may grow as it likes, bytes.</summary>
    public const long GrowthMattersFrom = 100L << 20;

    public required long MaxBytes { get; init; }

    public required int MaxEntries { get; init; }

    /// <summary>Free space of the disk that it is unpacked to, bytes.</summary>
    public required long FreeBytes { get; init; }

    public static ZipLimits Of(DashboardOptions options) => new()
    {
        MaxBytes = options.MaxUnpackedBytes, MaxEntries = options.MaxZipEntries, FreeBytes = UploadFiles.FreeBytes(options.DatasetsFolder),
    };
}
