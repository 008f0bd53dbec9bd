using System.Globalization;
using System.Reflection;
using System.Text.Json;

namespace Training.Core.Recipes;

/// <summary>One field of a recipe as text: "learningRate=0.001".</summary>
public static class RecipeSetting
{
    private static readonly IReadOnlyDictionary<string, PropertyInfo> Properties = typeof(Recipe)
        .GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .Where(property => property.CanWrite)
        .ToDictionary(property => JsonNamingPolicy.CamelCase.ConvertName(property.Name), StringComparer.OrdinalIgnoreCase);

    /// <summary>All fields in camelCase, in the recipe's order.</summary>
    public static IReadOnlyList<string> Fields { get; } = [.. Properties.Keys];

    /// <summary>The recipe with one field set. <c>preset=…</c> applies the preset, so it goes first.</summary>
    /// <param name="setting">field=value; numbers with a decimal point, words in any case.</param>
    /// <exception cref="FormatException">No such field, or a value of another form: says which and what is expected.</exception>
    public static Recipe Apply(Recipe recipe, string setting)
    {
        var at = setting.IndexOf('=', StringComparison.Ordinal);
        if (at < 1) throw new FormatException($"'{setting}' is not of the form field=value, such as learningRate=0.001.");
        var (name, text) = (setting[..at].Trim(), setting[(at + 1)..].Trim());
        if (!Properties.TryGetValue(name, out var property))
            throw new FormatException($"A recipe has no field '{name}'. The fields are: {string.Join(", ", Fields)}.");
        if (property.Name == nameof(Recipe.Preset)) return ApplyPreset(recipe, text);
        var copy = recipe with { };
        property.SetValue(copy, Parse(property, text));
        return copy;
    }

    /// <summary>The settings that turn one recipe into the other, in the recipe's order; empty when they are equal.</summary>
    public static IReadOnlyList<string> Differences(Recipe from, Recipe to) =>
        [.. Properties.Where(pair => !Equals(pair.Value.GetValue(from), pair.Value.GetValue(to)))
            .Select(pair => $"{pair.Key}={Text(pair.Value.GetValue(to))}")];

    /// <summary>A field's value as text.</summary>
    /// <exception cref="KeyNotFoundException">No such field.</exception>
    public static string Read(Recipe recipe, string field) => Text(Properties[field].GetValue(recipe));

    private static Recipe ApplyPreset(Recipe recipe, string name)
    {
        try
        {
            return Presets.Get(name).Apply(recipe);
        }
        catch (ArgumentException)
        {
            throw new FormatException($"preset: there is no '{name}'. Take one of: "
                + $"{string.Join(", ", Presets.All.Select(preset => preset.Name))}.");
        }
    }

    private static object? Parse(PropertyInfo property, string text)
    {
        var (field, type) = (JsonNamingPolicy.CamelCase.ConvertName(property.Name), property.PropertyType);
        if (type == typeof(string)) return text.Length > 0 ? text : null;
        if (type == typeof(int))
            return int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) ? whole
                : throw Wrong(field, text, "a whole number, such as 32");
        if (type == typeof(double))
            return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number
                : throw Wrong(field, text, "a number with a decimal point, such as 0.001");
        if (type == typeof(bool))
            return bool.TryParse(text, out var flag) ? flag : throw Wrong(field, text, "true or false");
        // A number would also parse as an enum; only words are meant.
        return !int.TryParse(text, out _) && Enum.TryParse(type, text, ignoreCase: true, out var word) ? word
            : throw Wrong(field, text, $"one of: {string.Join(", ", Enum.GetNames(type).Select(JsonNamingPolicy.CamelCase.ConvertName))}");
    }

    private static FormatException Wrong(string field, string text, string expected) =>
        new($"{field}: '{text}' is not {expected}.");

    private static string Text(object? value) => value switch
    {
        null => "",
        bool flag => flag ? "true" : "false",
        Enum word => JsonNamingPolicy.CamelCase.ConvertName(word.ToString()),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString()!,
    };
}
