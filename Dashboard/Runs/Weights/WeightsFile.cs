using Dashboard.Storage.Files;

namespace Dashboard.Runs.Weights;

/// <summary>A file of weights that is to be fetched: until it is whole and verified it has the name NAME.part.</summary>
/// <param name="From">Where it comes from.</param>
/// <param name="Sha256Prefix">First hex digits that its SHA-256 has to have, lower case.</param>
public sealed record WeightsFile(Uri From, string Folder, string Name, string Sha256Prefix)
{
    public string Whole => Path.Combine(Folder, Name);

    public string Part => Whole + PartFile.Suffix;

    /// <summary>Bytes that are here already.</summary>
    public long PartLength => new FileInfo(Part) is { Exists: true } part ? part.Length : 0;
}
