using Training.Core.Data;
using Training.Core.Data.Encodings;

namespace Dashboard.Datasets.Zips;

/// <summary>The names of a zip's entries as text: as the zip says, as somebody chose, or as all of them together read best.</summary>
/// <param name="Encoding">What the zip didn't say; null where it said everything.</param>
/// <param name="Finding">What was guessed; null when nothing was.</param>
internal sealed record ZipNames(IReadOnlyList<string> Names, NameEncoding? Encoding, DatasetProblem? Finding)
{
    private const int Shown = 5;

    /// <param name="chosen">What somebody says the names are written in; concerns only those of which the zip doesn't say it.</param>
    /// <exception cref="UnclearNamesException">Several readings are as good as each other, or the chosen one is none.</exception>
    public static ZipNames Read(IReadOnlyList<ZipRecord> records, NameEncoding? chosen)
    {
        var names = records.Select(record => record.KnownName).ToArray();
        NameReading? worst = null;
        foreach (var group in Enumerable.Range(0, names.Length).Where(index => names[index] is null)
            .GroupBy(index => records[index].IsOfUnix))
        {
            var unknown = group.ToList();
            if (!unknown.TrueForAll(index => NamePlausibility.Decode(NameEncoding.Utf8, records[index].Name) is not null))
            {
                // Added by different programs: those that can't be anything but UTF-8 say nothing of the others.
                foreach (var index in unknown.Where(index => NameReading.IsUtf8(records[index].Name)))
                    names[index] = NamePlausibility.Decode(NameEncoding.Utf8, records[index].Name);
                unknown.RemoveAll(index => names[index] is not null);
            }
            var raw = new RawNames(unknown.ConvertAll(index => records[index].Name), group.Key);
            var reading = chosen is null ? NameReading.Of(raw) : null;
            if (reading is { IsSure: false }) throw Unclear(reading, raw);
            if (worst is null || reading?.Margin < worst.Margin) worst = reading;
            foreach (var index in unknown)
                names[index] = NamePlausibility.Decode(chosen ?? reading!.Best, records[index].Name) ?? throw Wrong(chosen!, raw);
        }
        return new ZipNames(names!, chosen ?? worst?.Best, worst is { IsPlain: false } ? Guessed(worst) : null);
    }

    private static DatasetProblem Guessed(NameReading reading) => new(ProblemSeverity.Warning, null,
        $"The zip doesn't say how its names are written; they were read as {reading.Best.Label}, such as “{Example(reading)}”.",
        "Nothing to do if they look right. If not, delete the dataset, and upload the zip again with another encoding of names.");

    private static string Example(NameReading reading) => reading.Previews[0].Names[0];

    private static UnclearNamesException Unclear(NameReading reading, RawNames raw)
    {
        var previews = Previews(reading, raw);
        return new UnclearNamesException(
            "The zip doesn't say how its names are written, and they can be read in several ways: "
                + $"{string.Join(", ", previews.Select(preview => $"{preview.Label} “{preview.Names[0]}”"))}. "
            + $"Choose the one that looks right: the field “encoding”, such as {previews[0].Encoding}.", previews);
    }

    private static UnclearNamesException Wrong(NameEncoding chosen, RawNames raw)
    {
        var previews = Previews(NameReading.Of(raw), raw);
        return new UnclearNamesException(
            $"The names in the zip can't be {chosen.Label}: some hold bytes that it doesn't have. Choose another encoding, such as "
                + $"{previews[0].Encoding} (“{previews[0].Names[0]}”).", previews);
    }

    private static List<EncodingPreview> Previews(NameReading reading, RawNames raw)
    {
        // Whole names, one a folder: that is how people know them.
        var examples = raw.Names.DistinctBy(name => Convert.ToHexString(name.AsSpan(0, Math.Max(0, name.AsSpan().LastIndexOf((byte)'/')))))
            .Take(Shown).ToList();
        return [.. reading.Previews.Select(preview => new EncodingPreview(
            preview.Encoding.Name, preview.Encoding.Label,
            [.. examples.Select(name => NamePlausibility.Decode(preview.Encoding, name) ?? "")]))];
    }
}

/// <summary>How names of a zip look in an encoding, for somebody to choose.</summary>
/// <param name="Encoding">What to send as the field "encoding".</param>
public sealed record EncodingPreview(string Encoding, string Label, IReadOnlyList<string> Names);

/// <summary>Nobody can know how the names of a zip are to be read; field "encoding".</summary>
public sealed class UnclearNamesException(string message, IReadOnlyList<EncodingPreview> previews) : DatasetException("encoding", message)
{
    /// <summary>The most probable first.</summary>
    public IReadOnlyList<EncodingPreview> Previews { get; } = previews;
}
