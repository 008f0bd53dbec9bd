using System.Text;

namespace Training.Core.Data.Encodings;

/// <summary>
/// How probable characters are in names, as natural logarithms: an encoding in which all names consist of probable characters is the one
/// that they were written in. Shares are of names of classes and files, in which rare words stand more often than in texts.
/// </summary>
internal static class LetterChances
{
    /// <summary>An ASCII character, whichever: they cost the same in every encoding.</summary>
    public static readonly double Ascii = Math.Log(1.0 / 40);

    /// <summary>A character that no name is expected to hold, such as ╬ or ¿.</summary>
    public static readonly double Strange = Math.Log(1e-7);

    /// <summary>A letter that is in no count; a sign, which texts have and names don't; the dot between words in katakana.</summary>
    private static readonly double Rare = Math.Log(.004 / 8000), Sign = Math.Log(1e-5), Dot = Math.Log(1e-3);

    private const string Usual = "éèàäöüçñáíóúãêßåô";
    private const string Seldom = "âîûëïìòùõøæýąćęłńśźżčěřšžůőűığşďťňğşœ";
    private const string Punctuation = "–—‘’“”…", Signs = "„°·•€£©®™×²";
    private const string Russian = "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё";

    /// <summary>Bytes by which a character of two bytes begins and goes on.</summary>
    private const int FirstLead = 0x81, LastLead = 0xFE, FirstTrail = 0x40, LastTrail = 0xFE;

    /// <summary>Of how many most common characters which share is taken, by language: Mozilla's figures, flattened for names.</summary>
    private static readonly (int Upto, double Share)[]
        KoreanShares = [(128, .62), (256, .16), (512, .12), (1024, .07), (2352, .03)],
        SimplifiedShares = [(512, .50), (1024, .20), (2048, .18), (3760, .11)],
        TraditionalShares = [(512, .48), (1024, .20), (2048, .19), (5376, .12)],
        JapaneseShares = [(128, .40), (512, .27), (1024, .15), (2048, .12), (4368, .05)];

    public static IReadOnlyDictionary<char, double> Korean(Encoding encoding) => Of(encoding, CharacterRanks.Korean, KoreanShares);

    public static IReadOnlyDictionary<char, double> Simplified(Encoding encoding) =>
        Of(encoding, CharacterRanks.SimplifiedChinese, SimplifiedShares);

    public static IReadOnlyDictionary<char, double> Traditional(Encoding encoding) =>
        Of(encoding, CharacterRanks.TraditionalChinese, TraditionalShares);

    public static IReadOnlyDictionary<char, double> ShiftJis(Encoding encoding) => Of(encoding, CharacterRanks.ShiftJis, JapaneseShares);

    public static IReadOnlyDictionary<char, double> EucJp(Encoding encoding) => Of(encoding, CharacterRanks.EucJp, JapaneseShares);

    /// <summary>Letters with marks, of all languages that are written in Latin.</summary>
    public static IReadOnlyDictionary<char, double> Latin()
    {
        var chances = new Dictionary<char, double>();
        foreach (var (letters, chance) in new[] { (Usual, 4e-3), (Seldom, 3e-4), (Punctuation, 1e-4), (Signs, 1e-5) })
        {
            foreach (var letter in letters)
            {
                chances.TryAdd(letter, Math.Log(chance));
                chances.TryAdd(char.ToUpperInvariant(letter), Math.Log(chance / 5));
            }
        }
        return chances;
    }

    public static IReadOnlyDictionary<char, double> Cyrillic()
    {
        var chances = new Dictionary<char, double>();
        for (var rank = 0; rank < Russian.Length; rank++)
        {
            var chance = .11 / (1 + rank * .25);
            chances[Russian[rank]] = Math.Log(chance);
            chances[char.ToUpperInvariant(Russian[rank])] = Math.Log(chance / 5);
        }
        foreach (var sign in Punctuation) chances.TryAdd(sign, Math.Log(1e-4));
        return chances;
    }

    /// <summary>Unicode: any of the languages, each a little less probable than where it is the only one.</summary>
    public static IReadOnlyDictionary<char, double> OfAny(params IEnumerable<IReadOnlyDictionary<char, double>> languages)
    {
        var chances = new Dictionary<char, double>();
        foreach (var (letter, chance) in languages.SelectMany(language => language))
            chances[letter] = Math.Max(chances.GetValueOrDefault(letter, double.NegativeInfinity), chance - 1);
        return chances;
    }

    private static Dictionary<char, double> Of(Encoding encoding, CharacterRanks.Of rank, (int Upto, double Share)[] shares)
    {
        var chances = new Dictionary<char, double>();
        Span<byte> bytes = stackalloc byte[2];
        Span<char> decoded = stackalloc char[4];
        for (var code = FirstLead << 8 | FirstTrail; code <= (LastLead << 8 | LastTrail); code++)
        {
            (bytes[0], bytes[1]) = ((byte)(code >> 8), (byte)code);
            if (bytes[1] < FirstTrail || !TryDecode(encoding, bytes, decoded)) continue;
            chances.TryAdd(decoded[0], char.IsLetter(decoded[0]) ? Chance(rank(bytes), shares) ?? Rare : decoded[0] == '・' ? Dot : Sign);
        }
        return chances;
    }

    private static bool TryDecode(Encoding encoding, ReadOnlySpan<byte> bytes, Span<char> decoded)
    {
        try
        {
            return encoding.GetChars(bytes, decoded) == 1;
        }
        catch (DecoderFallbackException)
        {
            return false;
        }
    }

    private static double? Chance(int rank, (int Upto, double Share)[] shares)
    {
        var from = 0;
        foreach (var (upto, share) in shares)
        {
            if (rank >= from && rank < upto) return Math.Log(share / (upto - from));
            from = upto;
        }
        return null;
    }
}
