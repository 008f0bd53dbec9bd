using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Training.Core.Runs;

/// <summary>
/// The property's own properties stand in the JSON of the object that holds it, in its place: readers outside see one flat object, the
/// code sees the things that it consists of. The type of the property has a constructor without parameters.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class InlinedAttribute : Attribute;

/// <summary>
/// Does what <see cref="InlinedAttribute"/> says, on the contract that the serializer works by. A converter would do too, but what
/// describes the API (OpenAPI) reads contracts and sees nothing of what a converter writes.
/// </summary>
internal static class InlinedParts
{
    public static void Apply(JsonSerializerOptions options)
    {
        var resolver = options.TypeInfoResolver ?? new DefaultJsonTypeInfoResolver();
        options.TypeInfoResolver = resolver.WithAddedModifier(Inline);
    }

    private static void Inline(JsonTypeInfo whole)
    {
        if (whole.Kind != JsonTypeInfoKind.Object) return;
        for (var at = whole.Properties.Count - 1; at >= 0; at--)
        {
            var place = whole.Properties[at];
            if (place.AttributeProvider?.IsDefined(typeof(InlinedAttribute), inherit: false) != true) continue;
            whole.Properties.RemoveAt(at);
            var part = whole.Options.GetTypeInfo(place.PropertyType);
            for (var index = 0; index < part.Properties.Count; index++)
                whole.Properties.Insert(at + index, Copy(whole, place, part, part.Properties[index]));
        }
    }

    private static JsonPropertyInfo Copy(JsonTypeInfo whole, JsonPropertyInfo place, JsonTypeInfo part, JsonPropertyInfo property)
    {
        var copy = whole.CreateJsonPropertyInfo(property.PropertyType, property.Name);
        copy.AttributeProvider = property.AttributeProvider;
        copy.CustomConverter = property.CustomConverter;
        copy.NumberHandling = property.NumberHandling;
        copy.IsRequired = property.IsRequired;
        copy.IsGetNullable = property.IsGetNullable;
        copy.IsSetNullable = property.IsSetNullable;
        copy.ShouldSerialize = property.ShouldSerialize is { } should ? (holder, value) => should(place.Get!(holder)!, value) : null;
        copy.Get = property.Get is { } get ? holder => place.Get!(holder) is { } held ? get(held) : null : null;
        copy.Set = property.Set is { } set ? (holder, value) => set(HeldBy(holder), value) : null;
        return copy;

        // The first of its properties that is read makes the part.
        object HeldBy(object holder)
        {
            if (place.Get!(holder) is { } held) return held;
            var made = part.CreateObject!();
            place.Set!(holder, made);
            return made;
        }
    }
}
