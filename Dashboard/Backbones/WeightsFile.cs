using System.Net.Http.Headers;
using System.Security.Cryptography;

namespace Dashboard.Backbones;

/// <summary>A file of weights that is to be fetched: until it is whole and verified it has the name NAME.part.</summary>
/// <param name="From">Where it comes from.</param>
/// <param name="Sha256Prefix">First hex digits that its SHA-256 has to have, lower case.</param>
public sealed record WeightsFile(Uri From, string Folder, string Name, string Sha256Prefix)
{
    public string Whole => Path.Combine(Folder, Name);

    public string Part => Whole + ".part";

    /// <summary>Bytes that are here already.</summary>
    public long PartLength => File.Exists(Part) ? new FileInfo(Part).Length : 0;

    /// <summary>Beside the part: which version of the server's file it belongs to, as an If-Range header says it.</summary>
    private string Mark => Part + ".version";

    /// <summary>The condition under which the rest may be asked for; null when there is nothing to go on from.</summary>
    public RangeConditionHeaderValue? Condition =>
        PartLength > 0 && File.Exists(Mark) && RangeConditionHeaderValue.TryParse(File.ReadAllText(Mark), out var condition) ? condition : null;

    /// <summary>Starts anew, with what the server calls the version that comes now. Without a version the part can't be continued.</summary>
    public void Begin(HttpResponseMessage response)
    {
        Forget();
        var version = response.Headers.ETag is { IsWeak: false } tag ? new RangeConditionHeaderValue(tag)
            : response.Content.Headers.LastModified is { } date ? new RangeConditionHeaderValue(date) : null;
        if (version is not null) File.WriteAllText(Mark, version.ToString());
    }

    public void Forget()
    {
        File.Delete(Part);
        File.Delete(Mark);
    }

    /// <summary>Gives the verified part its name.</summary>
    public void Finish()
    {
        File.Move(Part, Whole, overwrite: true);
        File.Delete(Mark);
    }

    /// <summary>The part's SHA-256 as lower-case hex.</summary>
    public async Task<string> HashAsync(CancellationToken stop)
    {
        await using var stream = File.OpenRead(Part);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, stop));
    }
}
