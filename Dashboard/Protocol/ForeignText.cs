using System.Globalization;

namespace Dashboard.Protocol;

/// <summary>
/// Text that somebody else wrote, before it is kept, logged or sent back: never longer than there is room for, never two lines for one.
/// </summary>
internal static class ForeignText
{
    /// <summary>Of one name or sentence in a line of the log.</summary>
    public const int MostInLog = 300;

    /// <summary>
    /// For the log: one line, without characters that could forge another one, and with its true length where it was cut.
    /// </summary>
    public static string Line(string? text, int most = MostInLog)
    {
        if (text is null) return "";
        var shown = Head(text, most);
        var line = string.Create(shown.Length, shown, (to, from) =>
        {
            for (var i = 0; i < to.Length; i++) to[i] = IsPlain(from[i]) ? from[i] : '·';
        });
        return shown.Length == text.Length ? line : string.Create(CultureInfo.InvariantCulture, $"{line}… ({text.Length} characters)");
    }

    /// <summary>For what is kept: its lines stay, and the end says that it was cut.</summary>
    public static string Shorten(string text, int most, string end = " … (cut)") => text.Length <= most ? text : Head(text, most) + end;

    /// <summary>Half a character would be refused by databases and JSON alike.</summary>
    private static string Head(string text, int most) =>
        text.Length <= most ? text : text[..(char.IsHighSurrogate(text[most - 1]) ? most - 1 : most)];

    private static bool IsPlain(char letter) => char.GetUnicodeCategory(letter) is not
        (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
}
