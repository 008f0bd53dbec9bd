using System.Text;
using System.Text.RegularExpressions;

namespace Training.Core.Data.Encodings;

/// <summary>Names of a zip that doesn't say what they are written in.</summary>
/// <param name="IsOfUnix">Whether the program that made it ran on Unix or a Mac, as it says.</param>
public sealed record RawNames(IReadOnlyList<byte[]> Names, bool IsOfUnix);

/// <summary>How names look in one encoding.</summary>
/// <param name="Score">Logarithm of the probability that they were written in it, but for a constant.</param>
public sealed record NamePreview(NameEncoding Encoding, IReadOnlyList<string> Names, double Score);

/// <summary>
/// The encoding of names that come as bytes only, judged by all of them together: the one in which they read as probable names
/// (<see cref="LetterChances"/>). Two syllables may be good Korean and good Chinese at once, so it may stay unsure.
/// </summary>
public sealed partial class NameReading
{
    /// <summary>
    /// Another reading this many times less probable is out of the question (e⁶ ≈ 400); e³ ≈ 20 where both read each byte as a letter: what
    /// is said of the chances of ä and ž holds better than what is said of the chances of a syllable and an ideograph.
    /// </summary>
    private const double Sure = 6, SureOfLetters = 3;

    /// <summary>Where even UTF-8 doesn't have to be spoken of.</summary>
    private const double BeyondDoubt = 12;

    /// <summary>Readings less probable than this are shown to nobody (e²⁵).</summary>
    private const double WorthShowing = 25;

    private const int MostPreviews = 6, MostNames = 2000;

    private NameReading(IReadOnlyList<NamePreview> previews, double margin) => (Previews, Margin) = (previews, margin);

    /// <summary>Readings that differ, the most probable first; never empty.</summary>
    public IReadOnlyList<NamePreview> Previews { get; }

    public NameEncoding Best => Previews[0].Encoding;

    public bool IsSure => Margin >= (Previews.Take(2).All(preview => preview.Encoding.Encoding.IsSingleByte) ? SureOfLetters : Sure);

    /// <summary>UTF-8, and nothing else comes near.</summary>
    public bool IsPlain => Best == NameEncoding.Utf8 && Margin >= BeyondDoubt;

    /// <summary>How much more probable the first reading is than the second, logarithm.</summary>
    public double Margin { get; }

    public static NameReading Of(RawNames raw)
    {
        // A folder that stands before a thousand files, and a file's number, say the same thing each time.
        var parts = raw.Names.SelectMany(Parts).Distinct(StringComparer.Ordinal).Take(MostNames)
            .Select(part => Encoding.Latin1.GetBytes(part)).ToList();
        var readings = new List<NamePreview>();
        foreach (var encoding in NameEncoding.Known)
            if (Read(encoding, parts, raw.IsOfUnix) is { } preview) readings.Add(preview);
        readings.Sort((one, other) => other.Score.CompareTo(one.Score));
        // CP437 and CP850 have the same letters at the same places for most: one reading, not two.
        var distinct = readings.DistinctBy(reading => string.Join('/', reading.Names), StringComparer.Ordinal).ToList();
        var margin = distinct.Count < 2 ? double.PositiveInfinity : distinct[0].Score - distinct[1].Score;
        return new NameReading([.. distinct.Where(reading => distinct[0].Score - reading.Score < WorthShowing).Take(MostPreviews)], margin);
    }

    /// <summary>Whether a name is UTF-8 whatever those beside it are.</summary>
    public static bool IsUtf8(byte[] name) =>
        NamePlausibility.Decode(NameEncoding.Utf8, name) is not null && Of(new RawNames([name], false)).IsPlain;

    private static NamePreview? Read(NameEncoding encoding, List<byte[]> parts, bool isOfUnix)
    {
        var score = Math.Log(isOfUnix ? encoding.OnUnix : encoding.OnWindows);
        var names = new List<string>(parts.Count);
        foreach (var part in parts)
        {
            if (NamePlausibility.Decode(encoding, part) is not { } name) return null;
            score += NamePlausibility.Of(encoding, name);
            names.Add(name);
        }
        return new NamePreview(encoding, names, score);
    }

    /// <summary>The parts of a path that hold more than ASCII, digits made alike; as Latin-1, which keeps all bytes.</summary>
    private static IEnumerable<string> Parts(byte[] name) =>
        // A second byte of two may be a backslash, never a slash.
        Encoding.Latin1.GetString(name).Split('/').Where(part => part.Any(letter => letter > 0x7F))
            .Select(part => Digits().Replace(part, "0"));

    [GeneratedRegex("[0-9]+")]
    private static partial Regex Digits();
}
