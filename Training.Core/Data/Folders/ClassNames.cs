using System.Globalization;
using System.Text;

namespace Training.Core.Data.Folders;

/// <summary>
/// Names that people compare by eye and computers by bytes. macOS writes Hangul and accents decomposed (NFD), others composed (NFC); a
/// trailing blank is invisible. Such names are <em>the same</em>. Names that differ in upper and lower case or in full and half width
/// only are <em>alike</em>: probably the same, but a person has to say so.
/// </summary>
public static class ClassNames
{
    /// <summary>Composed (NFC): how a name is written to the disk and stored.</summary>
    public static string Compose(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return Normalised(name, NormalizationForm.FormC);
    }

    /// <summary>How a class is called whose folder has this name: composed, without blanks at the ends.</summary>
    public static string Of(string folder)
    {
        var name = Compose(folder).Trim();
        return name.Length > 0 ? name : folder;
    }

    /// <summary>Whether both are the same name: equal once composed and trimmed.</summary>
    public static bool Same(string one, string other) => string.Equals(Of(one), Of(other), StringComparison.Ordinal);

    /// <summary>Whether both look like one name: the same, or different in case, width or invisible characters only.</summary>
    public static bool Alike(string one, string other) => string.Equals(Key(one), Key(other), StringComparison.Ordinal);

    /// <summary>
    /// Equal for names that are <see cref="Alike"/>: compatibility form (NFKC), case folded, trimmed, without invisible characters.
    /// </summary>
    /// <remarks>Upper and then lower, because neither alone makes ς and σ, or ſ and s, equal.</remarks>
    public static string Key(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var wide = Normalised(name, NormalizationForm.FormKC).ToUpperInvariant().ToLowerInvariant();
        var visible = string.Concat(wide.Where(letter => char.GetUnicodeCategory(letter) != UnicodeCategory.Format));
        var key = Normalised(visible, NormalizationForm.FormKC).Trim();
        return key.Length > 0 ? key : name;
    }

    /// <summary>
    /// Where each of a dataset's classes stands among a model's: by the same name, else by the only one that is alike; null: nowhere.
    /// </summary>
    public static int?[] Match(IReadOnlyList<string> names, IReadOnlyList<string> known)
    {
        ArgumentNullException.ThrowIfNull(names);
        ArgumentNullException.ThrowIfNull(known);
        var same = First(known, Of);
        var alike = First(known, Key);
        var alone = known.CountBy(Key, StringComparer.Ordinal).Where(key => key.Value == 1).Select(key => key.Key)
            .ToHashSet(StringComparer.Ordinal);
        return [.. names.Select(name => same.TryGetValue(Of(name), out var label) ? label
            : alone.Contains(Key(name)) ? alike[Key(name)] : (int?)null)];
    }

    private static Dictionary<string, int> First(IReadOnlyList<string> known, Func<string, string> key)
    {
        var first = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var label = 0; label < known.Count; label++) first.TryAdd(key(known[label]), label);
        return first;
    }

    /// <summary>Half of a surrogate pair, as Windows allows it in names, has no normal form: such a name stays as it is.</summary>
    private static string Normalised(string name, NormalizationForm form)
    {
        try
        {
            return name.Normalize(form);
        }
        catch (ArgumentException)
        {
            return name;
        }
    }
}
