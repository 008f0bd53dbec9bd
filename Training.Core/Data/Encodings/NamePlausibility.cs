using System.Globalization;
using System.Text;

namespace Training.Core.Data.Encodings;

/// <summary>How probable it is that a name was written in an encoding.</summary>
public static class NamePlausibility
{
    /// <summary>Words that mix scripts are rare, but for Japanese ones, which mix theirs; so are capitals after small letters, and Latin
    /// words of which every letter has a mark.</summary>
    private static readonly double Mixed = Math.Log(.03), Foreign = Math.Log(.001), Capital = Math.Log(.01), OnlyMarks = Math.Log(.02);

    private enum Script { None, Latin, Hangul, Han, Kana, HalfKana, Cyrillic, Other }

    /// <summary>The name in the encoding; null when its bytes can't be that.</summary>
    public static string? Decode(NameEncoding encoding, ReadOnlySpan<byte> name)
    {
        try
        {
            var decoded = encoding.Encoding.GetString(name);
            return decoded.Any(letter => letter >= 0x7F && char.GetUnicodeCategory(letter)
                is UnicodeCategory.Control or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned) ? null : decoded;
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    /// <summary>A natural logarithm.</summary>
    public static double Of(NameEncoding encoding, string decoded)
    {
        var chances = encoding.Chances.Value;
        var sum = 0.0;
        var before = (Script: Script.None, IsSmall: false);
        if (decoded.Any(IsMarked) && !decoded.Any(char.IsAsciiLetter)) sum += OnlyMarks;
        foreach (var letter in decoded.Normalize(NormalizationForm.FormC))
        {
            var script = ScriptOf(letter);
            sum += char.IsAscii(letter) ? LetterChances.Ascii : chances.GetValueOrDefault(letter, LetterChances.Strange);
            sum += Between(before.Script, script);
            if (script is Script.Latin or Script.Cyrillic && before.Script == script && before.IsSmall && char.IsUpper(letter))
                sum += Capital;
            before = (script, char.IsLower(letter));
        }
        return sum;
    }

    private static bool IsMarked(char letter) => letter >= 0x7F && ScriptOf(letter) == Script.Latin;

    private static double Between(Script one, Script next) => (one, next) switch
    {
        _ when one == next || one == Script.None || next == Script.None => 0,
        (Script.Han, Script.Kana) or (Script.Kana, Script.Han) => 0,
        (Script.Latin, Script.Hangul or Script.Han or Script.Kana) or (Script.Hangul or Script.Han or Script.Kana, Script.Latin) => Mixed,
        (Script.Han, Script.Hangul) or (Script.Hangul, Script.Han) => Mixed,
        _ => Foreign,
    };

    private static Script ScriptOf(char letter) => letter switch
    {
        >= '가' and <= '힣' => Script.Hangul,
        >= '\u3041' and <= '\u30FF' or '々' => Script.Kana,
        >= '\uFF61' and <= '\uFF9F' => Script.HalfKana,
        >= '\u3400' and <= '\u9FFF' or >= '\uF900' and <= '\uFAFF' => Script.Han,
        >= '\u0400' and <= '\u04FF' => Script.Cyrillic,
        _ when !char.IsLetter(letter) => Script.None,
        < '\u0250' => Script.Latin,
        _ => Script.Other,
    };
}
