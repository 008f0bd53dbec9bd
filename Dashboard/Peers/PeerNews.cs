using System.Text.Json;
using System.Text.Json.Serialization;
using Dashboard.Protocol;
using Training.Core.Runs;

namespace Dashboard.Peers;

/// <summary>
/// What one dashboard tells the others, a few times a second at most: what has changed, not how. Whoever hears it asks the database again.
/// With nothing in it, it says that its sender lives and hears itself.
/// </summary>
/// <param name="From">The sender's name among the dashboards.</param>
/// <param name="Runs">Their ids.</param>
/// <param name="Datasets">Whether any of them changed.</param>
/// <param name="Machines">Whether one joined, went, or shall do something else.</param>
/// <param name="Contacts">Whether a machine or a trainer came or went.</param>
/// <param name="Visitors">Whose rights changed: their <see cref="Access.Visitors.Visitor.Key"/>.</param>
/// <param name="Reports">What machines measured of themselves: not in the database, and worth nothing in a few seconds.</param>
/// <param name="Queue">Whether the queue moved; null from an earlier version, which doesn't say: maybe with each run that changed.</param>
internal sealed record PeerNews(
    string From, IReadOnlyList<int> Runs, bool Datasets, bool Machines, bool Contacts, IReadOnlyList<string> Visitors,
    IReadOnlyList<MachineReport> Reports, bool? Queue = null)
{
    [JsonIgnore]
    public bool MayMoveQueue => Queue ?? Runs.Count > 0;


    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, CoreJson.Options);

    /// <summary>Null: of another version.</summary>
    public static PeerNews? Parse(byte[]? bytes)
    {
        try
        {
            return bytes is null ? null : JsonSerializer.Deserialize<PeerNews>(bytes, CoreJson.Options);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
