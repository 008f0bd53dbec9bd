using System.Text.Json;
using Training.Core.Data;
using Training.Core.Runs;

namespace Dashboard.Datasets.Imports;

/// <summary>What is to be remembered of an upload beside its files: kept in a file beside the dataset's folder.</summary>
/// <param name="Encoding">What the zip's names are written in, as it was chosen or guessed when the zip was taken; null: the zip says
/// it.</param>
/// <param name="Findings">What was guessed, left out and renamed; part of the dataset's problems after every scan.</param>
internal sealed record UploadRecord(string? Encoding, IReadOnlyList<DatasetProblem> Findings)
{
    private const string Suffix = ".upload.json";

    /// <param name="folder">Of the dataset.</param>
    public static string PathOf(string folder) => folder + Suffix;

    /// <summary>Uploads of earlier versions have none.</summary>
    public static UploadRecord Load(string folder)
    {
        var path = PathOf(folder);
        if (!File.Exists(path)) return new UploadRecord(null, []);
        try
        {
            return JsonSerializer.Deserialize<UploadRecord>(File.ReadAllText(path), CoreJson.Options) ?? new UploadRecord(null, []);
        }
        catch (JsonException)
        {
            return new UploadRecord(null, []);
        }
    }

    public void Save(string folder) => AtomicFile.WriteText(PathOf(folder), JsonSerializer.Serialize(this, CoreJson.Options));
}
