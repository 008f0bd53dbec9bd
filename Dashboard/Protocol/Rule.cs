using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Dashboard.Protocol;

/// <summary>Says what is wrong with a value that came from outside, naming it and what would be right; null when nothing is.</summary>
/// <param name="name">What the value is called, such as "report.devices[2].load".</param>
internal delegate string? Rule<in T>(T value, string name);

/// <summary>The rules that messages are made of. None of them looks further than the first thing that is wrong.</summary>
internal static class Rule
{
    /// <summary>NaN lies nowhere.</summary>
    public static Rule<T> Between<T>(T least, T most) where T : struct, INumber<T> => (value, name) =>
        value >= least && value <= most ? null : Words($"{name} is {value}; it goes from {least} to {most}.");

    /// <summary>
    /// A loss may be NaN or infinite: a run that diverged says so. What is finite has to be what 32-bit numbers can give.
    /// </summary>
    public static readonly Rule<double> Loss = (value, name) =>
        !double.IsFinite(value) || Math.Abs(value) <= float.MaxValue
        ? null : Words($"{name} is {value}; no loss of 32-bit numbers is that large.");

    public static Rule<string?> Text(int most, int least = 0) => (value, name) => value switch
    {
        null => $"{name} is missing.",
        _ when value.Length > most => Words($"{name} has {value.Length} characters; {most} at most."),
        _ when value.Length < least => $"{name} is empty.",
        _ => null,
    };

    public static Rule<string?> TextOrNull(int most) => (value, name) => value is null ? null : Text(most)(value, name);

    public static Rule<T?> OrNull<T>(Rule<T> rule) where T : struct => (value, name) => value is { } some ? rule(some, name) : null;

    public static Rule<T> Known<T>() where T : struct, Enum =>
        (value, name) => Enum.IsDefined(value) ? null : $"{name} is no {typeof(T).Name}.";

    public static Rule<T> Any<T>() => (_, _) => null;

    /// <summary>Counted before anything in it is looked at.</summary>
    public static Rule<IReadOnlyList<T>?> List<T>(int most, Rule<T> each) => (list, name) =>
    {
        if (list is null) return $"{name} is missing.";
        if (list.Count > most) return Words($"{name} has {list.Count} entries; {most} at most.");
        for (var i = 0; i < list.Count; i++)
            if (each(list[i], Words($"{name}[{i}]")) is { } problem) return problem;
        return null;
    };

    /// <summary>No two entries of a list are called alike.</summary>
    public static Rule<IReadOnlyList<T>?> Distinct<T>(Rule<IReadOnlyList<T>?> rule, Func<T, string> key) => (list, name) =>
        rule(list, name) ?? (list!.Select(key).Distinct(StringComparer.Ordinal).Count() == list!.Count
            ? null : $"{name} has the same entry twice.");

    /// <summary>Each entry of a list comes after the one before.</summary>
    public static Rule<IReadOnlyList<T>?> Rising<T>(Rule<IReadOnlyList<T>?> rule, Func<T, long> key) => (list, name) =>
    {
        if (rule(list, name) is { } problem) return problem;
        for (var i = 1; i < list!.Count; i++)
            if (key(list[i]) <= key(list[i - 1])) return Words($"{name}[{i}] has the number {key(list[i])} after {key(list[i - 1])}.");
        return null;
    };

    private static string Words(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

/// <summary>What a record's fields have to be.</summary>
internal sealed class RecordRule<T> where T : class
{
    private readonly List<Rule<T>> _fields = [];
    private readonly List<string> _names = [];

    /// <summary>What the fields are called that have a rule.</summary>
    public IReadOnlyList<string> Fields => _names;

    /// <param name="get">Such as <c>report => report.Load</c>: the field is called by what stands behind the dot.</param>
    public RecordRule<T> Has<TField>(Func<T, TField> get, Rule<TField> rule, [CallerArgumentExpression(nameof(get))] string expression = "")
    {
        var field = expression[(expression.LastIndexOf('.') + 1)..];
        var named = char.ToLowerInvariant(field[0]) + field[1..];
        _names.Add(named);
        _fields.Add((value, name) => rule(get(value), $"{name}.{named}"));
        return this;
    }

    public string? Check(T? value, string name)
    {
        if (value is null) return $"{name} is missing.";
        foreach (var field in _fields)
            if (field(value, name) is { } problem) return problem;
        return null;
    }
}
