using System.Globalization;
using System.Text;

namespace Training.Core.Data.Encodings;

/// <summary>An encoding that names in zips are written in.</summary>
/// <param name="Name">As people choose it.</param>
/// <param name="Label">For people, such as "Korean (CP949)".</param>
/// <param name="Encoding">Refuses bytes that it doesn't know.</param>
/// <param name="OnWindows">How often zips made there have it.</param>
/// <param name="OnUnix">How often zips made there have it; a Mac counts as one.</param>
public sealed record NameEncoding(
    string Name, string Label, Encoding Encoding, Lazy<IReadOnlyDictionary<char, double>> Chances, double OnWindows, double OnUnix)
{
    private static readonly Lazy<IReadOnlyDictionary<char, double>> Latin = new(LetterChances.Latin),
        Cyrillic = new(LetterChances.Cyrillic);

    public static NameEncoding Utf8 { get; } = new(
        "utf-8", "Unicode (UTF-8)", Strict(65001),
        new(() => LetterChances.OfAny([.. new[] { 949, 54936, 950, 932 }.Select(TwoBytes), Latin.Value, Cyrillic.Value])), .4, .9);

    /// <summary>The encodings that are tried on names whose zip doesn't say what they are written in.</summary>
    public static IReadOnlyList<NameEncoding> Known { get; } =
    [
        Utf8,
        new("cp949", "Korean (CP949)", Strict(949), new(() => TwoBytes(949)), .15, .02),
        new("shift_jis", "Japanese (Shift-JIS)", Strict(932), new(() => TwoBytes(932)), .1, .01),
        new("gb18030", "Simplified Chinese (GBK)", Strict(54936), new(() => TwoBytes(54936)), .12, .015),
        new("big5", "Traditional Chinese (Big5)", Strict(950), new(() => TwoBytes(950)), .06, .008),
        new("euc-jp", "Japanese (EUC-JP)", Strict(51932), new(() => TwoBytes(51932)), .03, .01),
        new("cp437", "Western, DOS (CP437)", Strict(437), Latin, .05, .002),
        new("cp850", "Western European, DOS (CP850)", Strict(850), Latin, .05, .002),
        new("cp1252", "Western European, Windows (CP1252)", Strict(1252), Latin, .03, .02),
        new("cp866", "Cyrillic, DOS (CP866)", Strict(866), Cyrillic, .05, .002),
        new("cp1251", "Cyrillic, Windows (CP1251)", Strict(1251), Cyrillic, .02, .004),
        new("cp852", "Central European, DOS (CP852)", Strict(852), Latin, .02, .001),
        new("cp1250", "Central European, Windows (CP1250)", Strict(1250), Latin, .01, .001),
    ];

    /// <summary>By its name here, by another usual one ("euc-kr", "windows-1253"), or by the number of its code page ("cp737").</summary>
    public static NameEncoding? Find(string typed)
    {
        var wanted = typed.Trim().ToLowerInvariant();
        var other = wanted switch
        {
            "utf8" => "utf-8",
            "euc-kr" or "euckr" or "ks_c_5601-1987" => "cp949",
            "sjis" or "cp932" or "shift-jis" => "shift_jis",
            "gbk" or "gb2312" or "cp936" => "gb18030",
            "cp950" => "big5",
            _ => wanted,
        };
        return Known.FirstOrDefault(known => known.Name == other) ?? Unlisted(other);
    }

    private static NameEncoding? Unlisted(string name)
    {
        try
        {
            var number = name.StartsWith("cp", StringComparison.Ordinal)
                && int.TryParse(name.AsSpan(2), NumberStyles.None, CultureInfo.InvariantCulture, out var parsed)
                ? parsed : (CodePagesEncodingProvider.Instance.GetEncoding(name) ?? Encoding.GetEncoding(name)).CodePage;
            // UTF-16 and its like hold zero bytes, which no name in a zip has.
            if (number is 1200 or 1201 or 12000 or 12001 or 65000) return null;
            return Known.FirstOrDefault(known => known.Encoding.CodePage == number) ?? new(name, name, Strict(number), Latin, 0, 0);
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
        {
            return null;
        }
    }

    private static IReadOnlyDictionary<char, double> TwoBytes(int codePage)
    {
        var encoding = Strict(codePage);
        return codePage switch
        {
            949 => LetterChances.Korean(encoding),
            932 => LetterChances.ShiftJis(encoding),
            51932 => LetterChances.EucJp(encoding),
            950 => LetterChances.Traditional(encoding),
            _ => LetterChances.Simplified(encoding),
        };
    }

    private static Encoding Strict(int codePage) =>
        CodePagesEncodingProvider.Instance.GetEncoding(codePage, EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback)
        ?? Encoding.GetEncoding(codePage, EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback);
}
