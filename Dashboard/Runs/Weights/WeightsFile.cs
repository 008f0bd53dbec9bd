using System.Net.Http.Headers;
using System.Security.Cryptography;
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

    /// <summary>Beside the part: which version of the server's file it belongs to, as an If-Range header says it.</summary>
    private string Mark => Part + ".version";

    /// <summary>The condition under which the rest may be asked for; null when it isn't known what the part is of.</summary>
    public RangeConditionHeaderValue? Condition =>
        File.Exists(Mark) && RangeConditionHeaderValue.TryParse(File.ReadAllText(Mark), out var condition) ? condition : null;

    /// <summary>
    /// Starts anew, with what the server calls the version that comes now. Without a version the part can't be continued.
    /// </summary>
    public void Begin(FileStream part, HttpResponseMessage response)
    {
        Forget(part);
        var version = response.Headers.ETag is { IsWeak: false } tag ? new RangeConditionHeaderValue(tag)
            : response.Content.Headers.LastModified is { } date ? new RangeConditionHeaderValue(date) : null;
        if (version is not null) File.WriteAllText(Mark, version.ToString());
    }

    public void Forget(FileStream part)
    {
        part.SetLength(0);
        File.Delete(Mark);
    }

    /// <summary>The part has its name.</summary>
    public void Finish() => File.Delete(Mark);

    /// <summary>The part's SHA-256 as lower-case hex.</summary>
    public static async Task<string> HashAsync(FileStream part, CancellationToken cancellationToken)
    {
        part.Position = 0;
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(part, cancellationToken));
    }
}
