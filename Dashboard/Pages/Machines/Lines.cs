using System.Collections;

namespace Dashboard.Pages.Machines;

/// <summary>The lines of a text that say something; two are equal when they say the same.</summary>
internal sealed class Lines(string text) : IReadOnlyList<string>, IEquatable<Lines>
{
    private readonly string[] _lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    public string this[int index] => _lines[index];

    public int Count => _lines.Length;

    public bool Equals(Lines? other) => other is not null && _lines.SequenceEqual(other._lines);

    public override bool Equals(object? obj) => Equals(obj as Lines);

    public override int GetHashCode() => _lines.Aggregate(0, HashCode.Combine);

    public IEnumerator<string> GetEnumerator() => ((IEnumerable<string>)_lines).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
