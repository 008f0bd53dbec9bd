using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Unicode;

namespace Training.Core.Runs;

/// <summary>The one way that recipes, events and manifests are written as JSON: camelCase, enums as camelCase words.</summary>
public static class CoreJson
{
    public static JsonSerializerOptions Options { get; } = Create(indented: false);

    public static JsonSerializerOptions Indented { get; } = Create(indented: true);

    /// <summary>Applies the same rules to options that someone else owns (the web API's, SignalR's).</summary>
    public static void Apply(JsonSerializerOptions options)
    {
        options.PropertyNamingPolicy = JsonNamingPolicy.CamelCase;
        options.NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals;
        options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false));
        InlinedParts.Apply(options);
    }

    /// <summary>
    /// For readers outside, in the API and on the terminal: what is no number (NaN or infinite) is null. JSON has no word for it, and most
    /// parsers stumble over one.
    /// </summary>
    public static JsonSerializerOptions Figures { get; } = CreateFigures();

    /// <summary>Applies the rules of <see cref="Figures"/> to options that someone else owns.</summary>
    public static void ApplyFigures(JsonSerializerOptions options)
    {
        Apply(options);
        options.Converters.Add(new FigureConverter());
        options.Converters.Add(new SmallFigureConverter());
    }

    private static JsonSerializerOptions CreateFigures()
    {
        var options = Create(indented: false);
        options.Converters.Add(new FigureConverter());
        options.Converters.Add(new SmallFigureConverter());
        return options;
    }

    private static JsonSerializerOptions Create(bool indented)
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web)
        {
            WriteIndented = indented,
            // Korean class names stay readable in files; < > & stay escaped.
            Encoder = JavaScriptEncoder.Create(UnicodeRanges.All),
        };
        Apply(options);
        return options;
    }
}

/// <summary>Writes what is no number as null, and reads null and the words NaN, Infinity and -Infinity as what they stand for.</summary>
internal sealed class FigureConverter : JsonConverter<double>
{
    public override bool HandleNull => true;

    public override double Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType switch
    {
        JsonTokenType.Null => double.NaN,
        JsonTokenType.String when reader.ValueTextEquals("NaN"u8) => double.NaN,
        JsonTokenType.String when reader.ValueTextEquals("Infinity"u8) => double.PositiveInfinity,
        JsonTokenType.String when reader.ValueTextEquals("-Infinity"u8) => double.NegativeInfinity,
        JsonTokenType.Number => reader.GetDouble(),
        _ => throw new JsonException("A number is expected here."),
    };

    public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options)
    {
        if (double.IsFinite(value)) writer.WriteNumberValue(value);
        else writer.WriteNullValue();
    }
}

/// <inheritdoc cref="FigureConverter"/>
internal sealed class SmallFigureConverter : JsonConverter<float>
{
    private static readonly FigureConverter Wide = new();

    public override bool HandleNull => true;

    public override float Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.Number ? reader.GetSingle() : (float)Wide.Read(ref reader, typeof(double), options);

    public override void Write(Utf8JsonWriter writer, float value, JsonSerializerOptions options)
    {
        if (float.IsFinite(value)) writer.WriteNumberValue(value);
        else writer.WriteNullValue();
    }
}
