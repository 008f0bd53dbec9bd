using System.Text.Json;
using System.Text.Json.Serialization;
using Training.Core.Images;
using Training.Core.Runs;

namespace Training.Core.Data;

/// <summary>Exactly what a run trains and validates on; lies in the run's folder.</summary>
/// <param name="Root">Absolute folder that the samples' paths start from.</param>
/// <param name="Samples">Train and Val samples only (a set with train + test has its test split as Val here).</param>
public sealed record DatasetManifest(string Name, string Root, IReadOnlyList<string> Classes, IReadOnlyList<Sample> Samples)
{
    /// <summary>Real paths of the folders that the files have to lie in; null: anywhere.</summary>
    public IReadOnlyList<string>? Within { get; init; }

    [JsonIgnore]
    public FolderFence Fence => new(Within);

    /// <summary>Paths of samples whose file has changed since the scan: their hashes are those of the file as it is used.</summary>
    public IReadOnlyList<string> Changed { get; init; } = [];

    /// <summary>The same with what files of samples turned out to hold, by path.</summary>
    public DatasetManifest With(IReadOnlyDictionary<string, string> contents) => this with
    {
        Samples = [.. Samples.Select(sample =>
            contents.TryGetValue(sample.Path, out var content) ? sample with { Sha256 = content } : sample)],
        Changed = [.. Changed.Union(contents.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal)],
    };

    public string FullPath(Sample sample) => Path.Combine(Root, sample.Path);

    public void Save(string path) =>
        AtomicFile.Write(path, stream => JsonSerializer.Serialize(stream, this, CoreJson.Options));

    public static DatasetManifest Load(string path)
    {
        using var stream = File.OpenRead(path);
        return JsonSerializer.Deserialize<DatasetManifest>(stream, CoreJson.Options)
            ?? throw new InvalidDataException($"{path} is empty.");
    }
}
