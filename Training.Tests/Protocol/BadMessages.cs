using System.Text.Json;
using System.Text.Json.Nodes;
using CsCheck;
using Training.Core.Runs;

namespace Training.Tests.Protocol;

/// <summary>Turns a good message into a bad one: one to three places in it get something that no honest sender writes there.</summary>
internal static class BadMessages
{
    /// <summary>By its place in <see cref="Bad"/>, with what picks the place in the message.</summary>
    public static Gen<(int Value, double Place)[]> Changes => Gen.Select(Gen.Int[0, Bad.Length - 1], Gen.Double[0, 1]).Array[1, 3];

    private static readonly Func<JsonNode?, JsonNode?>[] Bad =
    [
        _ => null,
        _ => JsonValue.Create(-1),
        _ => JsonValue.Create(0),
        _ => JsonValue.Create(int.MaxValue),
        _ => JsonValue.Create(int.MinValue),
        _ => JsonValue.Create(long.MaxValue),
        _ => JsonValue.Create(1e308),
        _ => JsonValue.Create(-1e308),
        _ => JsonValue.Create("NaN"),
        _ => JsonValue.Create("-Infinity"),
        _ => JsonValue.Create(""),
        _ => JsonValue.Create("\u0000\u202e\u001b[2J\n'\"<script>alert(1)</script>"),
        _ => JsonValue.Create(new string('<', 20_000)),
        _ => JsonValue.Create(new string('한', 400_000)),
        _ => JsonValue.Create("0001-01-01T00:00:00+00:00"),
        _ => new JsonArray(),
        _ => new JsonObject(),
        // Those of an array are made 20,000, everything else is put into an array of its own.
        node => new JsonArray(
            [.. Enumerable.Range(0, node is JsonArray { Count: > 0 } ? 20_000 : 1)
                .Select(_ => (node is JsonArray { Count: > 0 } many ? many[0] : node)?.DeepClone())]),
        node => node is JsonArray { Count: > 1 } array ? new JsonArray([.. array.Reverse().Select(each => each?.DeepClone())]) : null,
    ];

    /// <returns>The arguments as JSON, changed.</returns>
    public static object?[] Of(object?[] arguments, (int Value, double Place)[] changes)
    {
        JsonNode root = JsonSerializer.SerializeToNode(arguments, CoreJson.Options)!;
        foreach (var (value, place) in changes)
        {
            var places = Places(root).ToList();
            if (places.Count == 0) continue;
            var (parent, key) = places[(int)(place * (places.Count - 1))];
            Set(parent, key, Bad[value]);
        }
        return [.. root.AsArray().Select(node => (object?)node)];
    }

    private static IEnumerable<(JsonNode Parent, object Key)> Places(JsonNode? node)
    {
        var children = node switch
        {
            JsonObject fields => fields.Select(field => (Key: (object)field.Key, field.Value)),
            // Some are as good as all.
            JsonArray items => items.Take(8).Select((item, i) => (Key: (object)i, Value: item)),
            _ => [],
        };
        foreach (var (key, child) in children)
        {
            yield return (node!, key);
            foreach (var deeper in Places(child)) yield return deeper;
        }
    }

    private static void Set(JsonNode parent, object key, Func<JsonNode?, JsonNode?> bad)
    {
        if (parent is JsonObject fields) fields[(string)key] = bad(fields[(string)key]);
        else parent.AsArray()[(int)key] = bad(parent.AsArray()[(int)key]);
    }
}
