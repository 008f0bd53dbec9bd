using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Training.Core.Recipes;
using Training.Core.Runs;

namespace Dashboard.Api;

/// <summary>
/// A recipe as scripts send it: the fields that differ from the preset, which is the named one, else the one of the mode.
/// Everything that is wrong is collected by field, in words.
/// </summary>
internal sealed class RecipeInput
{
    private const string Body = "body", Dataset = "dataset", StartFrom = "startFrom", Preset = "preset", Mode = "mode";

    private static readonly IReadOnlyDictionary<string, JsonPropertyInfo> Fields = FieldsOfARecipe();

    private readonly Dictionary<string, string[]> _errors = [];
    private readonly Dictionary<string, object?> _given = [];

    /// <summary>Messages by field; empty when all is well.</summary>
    public IDictionary<string, string[]> Errors => _errors;

    /// <summary>What could be read, also when other fields have <see cref="Errors"/>: its values may be wrong too. Null: nothing.</summary>
    public Recipe? Readable { get; private set; }

    /// <summary>Whether the field stands in the input.</summary>
    public bool Has(string field) => _given.ContainsKey(field);

    /// <param name="basis">The recipe that the input changes; null: a new one.</param>
    /// <returns>null when there are <see cref="Errors"/>.</returns>
    public async Task<Recipe?> ReadAsync(Stream body, Recipe? basis, CancellationToken cancellationToken)
    {
        try
        {
            using var document = await JsonDocument.ParseAsync(body, cancellationToken: cancellationToken);
            return Read(document.RootElement, basis);
        }
        catch (JsonException exception)
        {
            _errors[Body] = [$"The body is not valid JSON (line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}). "
                + $"Send an object such as {{\"dataset\": \"3\", \"mode\": \"transfer\"}}."];
            return null;
        }
    }

    public Recipe? Read(JsonElement body, Recipe? basis)
    {
        if (body.ValueKind != JsonValueKind.Object)
        {
            _errors[Body] = ["The body has to be a JSON object such as {\"dataset\": \"3\", \"mode\": \"transfer\"}."];
            return null;
        }
        foreach (var property in body.EnumerateObject()) ReadField(property.Name, property.Value);
        if (basis is null && !Has(Dataset) && !_errors.ContainsKey(Dataset))
            _errors[Dataset] = ["The dataset is missing. Give its id or name; GET /api/datasets lists them."];
        Readable = Merge(Start(basis));
        return _errors.Count > 0 ? null : Readable;
    }

    private void ReadField(string name, JsonElement value)
    {
        if (!Fields.TryGetValue(name, out var field))
        {
            _errors[name] = [$"A recipe has no field '{name}'. The fields are: {string.Join(", ", Fields.Keys)}."];
            return;
        }
        try
        {
            // An id is a number to most scripts.
            _given[field.Name] = field.Name is Dataset or StartFrom && value.ValueKind == JsonValueKind.Number
                ? value.GetRawText()
                : value.Deserialize(field.PropertyType, CoreJson.Options);
            if (_given[field.Name] is null && field.Name is not ("name" or StartFrom or Preset))
                _errors[field.Name] = [$"null is not {Expected(field.PropertyType)}. Leave the field out for its default."];
        }
        catch (JsonException)
        {
            _errors[field.Name] = [$"{Short(value.GetRawText())} is not {Expected(field.PropertyType)}."];
        }
    }

    /// <summary>The recipe that the given fields are laid upon.</summary>
    private Recipe Start(Recipe? basis)
    {
        var start = basis ?? new Recipe { Dataset = "" };
        if (_given.GetValueOrDefault(Preset) is string name)
            return Presets.All.FirstOrDefault(preset => preset.Name == name)?.Apply(start) ?? start;
        var mode = _given.GetValueOrDefault(Mode) as TrainingMode? ?? start.Mode;
        return basis is null || mode != basis.Mode ? Presets.DefaultOf(mode).Apply(start) : start;
    }

    private Recipe Merge(Recipe start)
    {
        var merged = JsonSerializer.SerializeToNode(start, CoreJson.Options)!.AsObject();
        foreach (var (field, value) in _given.Where(given => !_errors.ContainsKey(given.Key)))
            merged[field] = value is null ? null : JsonSerializer.SerializeToNode(value, value.GetType(), CoreJson.Options);
        return merged.Deserialize<Recipe>(CoreJson.Options)!;
    }

    private static Dictionary<string, JsonPropertyInfo> FieldsOfARecipe()
    {
        // Options that nothing was read with yet don't know how to look at a type.
        CoreJson.Options.MakeReadOnly(populateMissingResolver: true);
        return CoreJson.Options.GetTypeInfo(typeof(Recipe)).Properties
            .Where(property => property.Set is not null).ToDictionary(property => property.Name, StringComparer.OrdinalIgnoreCase);
    }

    private static string Expected(Type type)
    {
        if (type.IsEnum) return $"one of: {string.Join(", ", Enum.GetNames(type).Select(JsonNamingPolicy.CamelCase.ConvertName))}";
        if (type == typeof(int)) return "a whole number, such as 32";
        return type == typeof(double) ? "a number, such as 0.001" : "a text in quotes";
    }

    private static string Short(string text) => text.Length <= 60 ? text : text[..60] + "…";
}
