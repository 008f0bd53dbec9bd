namespace Dashboard.Terminal.Output;

/// <summary>Cells of CSV files as RFC 4180 has them.</summary>
internal static class Csv
{
    /// <param name="forSpreadsheets">
    /// Puts an apostrophe before what Excel, LibreOffice and Google would run as a formula, as OWASP advises ("CSV Injection"). Other
    /// programs would read it as part of the text.
    /// </param>
    public static string Cell(string text, bool forSpreadsheets = false)
    {
        if (forSpreadsheets && text.Length > 0 && text[0] is '=' or '+' or '-' or '@' or '\t' or '\r') text = $"'{text}";
        return text.AsSpan().ContainsAny(",\"\r\n") ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
    }
}
