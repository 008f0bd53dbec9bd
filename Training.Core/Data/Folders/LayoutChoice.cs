using System.Text.RegularExpressions;

namespace Training.Core.Data.Folders;

/// <summary>What a dataset's folders are to each other.</summary>
public enum ReadingKind
{
    /// <summary>Every folder is a class.</summary>
    Classes,

    /// <summary>Every folder is a split by its name and holds a folder per class.</summary>
    Splits,

    /// <summary>Every folder is a class and holds a folder per split.</summary>
    ClassFirst,

    /// <summary>Every folder holds a folder per class, all of them to train on.</summary>
    Merged,

    /// <summary>Every folder's name says a class and a split, as in <c>cats_train</c>.</summary>
    InNames,
}

/// <summary>
/// How somebody says that a folder is to be read, as one text: <c>classes</c>, <c>splits</c>, <c>classFirst</c>, <c>merged</c>,
/// <c>inNames</c>; <c>val=fold5</c> (the other folders train), <c>train=a,val=b</c>, <c>in=color</c> (only this folder is read),
/// <c>alike=one</c> (Cat and cat are one class) or <c>alike=apart</c>; several with commas between.
/// </summary>
public sealed partial record LayoutChoice
{
    public const string Help = "classes (the folders are the classes), splits (train, val, test above the classes), classFirst (the "
        + "classes above "
        + "train and val), inNames (cats_train, cats_val), merged (the classes are in the folders, which are put together), val=FOLDER "
        + "(this one validates, the others train), "
        + "in=FOLDER (only this one is read); alike=one or alike=apart for names such as Cat and cat";

    /// <summary>Null: to be found out, or by <see cref="Parts"/>.</summary>
    public ReadingKind? Kind { get; init; }

    /// <summary>Folders by name and the split that each is.</summary>
    public IReadOnlyList<(Split Split, string Folder)> Parts { get; init; } = [];

    /// <summary>Only this folder is read; with slashes where it lies deeper.</summary>
    public string? Inside { get; init; }

    /// <summary>Whether names that are alike in one split are one class; null: nobody said.</summary>
    public bool? AlikeIsOne { get; init; }

    public static LayoutChoice None { get; } = new();

    public bool SaysHow => Kind is not null || Parts.Count > 0;

    public static LayoutChoice Part(Split split, string folder) => new() { Parts = [(split, folder)] };

    /// <summary>What the folders are then, in a sentence.</summary>
    public string Words => this switch
    {
        { Inside: { } folder } => $"Only the folder “{folder}” is read.",
        { Kind: ReadingKind.Classes } => "The folders are the classes.",
        { Kind: ReadingKind.Splits } => "The folders are splits; the folders inside are the classes.",
        { Kind: ReadingKind.ClassFirst } => "The folders are the classes; the folders inside are their splits.",
        { Kind: ReadingKind.InNames } => "Each folder's name says a class and a split.",
        { Kind: ReadingKind.Merged } => "The folders inside are the classes; all parts are put together.",
        { Parts: [(Split.Train, var folder)] } => $"The folders inside are the classes; “{folder}” trains, the rest is not used.",
        { Parts: [var (split, folder)] } =>
            $"The folders inside are the classes; “{folder}” is {split.ToString().ToLowerInvariant()}, the rest trains.",
        { Parts.Count: > 1 } => "The folders inside are the classes; which split each part is was said.",
        _ => "As the folders' structure and names say.",
    };

    /// <param name="text">Null, blank or "auto": nothing is said.</param>
    /// <exception cref="FormatException">The message says what is wrong and what can be said.</exception>
    public static LayoutChoice Parse(string? text)
    {
        var choice = None;
        if (string.IsNullOrWhiteSpace(text) || text.Trim().Equals("auto", StringComparison.OrdinalIgnoreCase)) return choice;
        foreach (var part in Comma().Split(text.Trim()))
        {
            var (word, value) = part.IndexOf('=', StringComparison.Ordinal) is > 0 and var at
                ? (part[..at].Trim().ToLowerInvariant(), part[(at + 1)..]) : (part.Trim(), null);
            choice = (word, value) switch
            {
                ("train" or "val" or "test", { Length: > 0 }) => choice with
                {
                    Parts = [.. choice.Parts, (Enum.Parse<Split>(word, ignoreCase: true), value)],
                },
                ("in", { Length: > 0 }) => choice with { Inside = value.Trim('/') },
                ("alike", "one" or "apart") => choice with { AlikeIsOne = value == "one" },
                (_, null) when KindOf(word) is { } kind => choice with { Kind = kind },
                _ => throw new FormatException($"“{part}” is no way to read a folder. Take {Help}."),
            };
        }
        if (choice is { Kind: not null, Parts.Count: > 0 })
            throw new FormatException($"“{text}” says how the folders are read twice. Take either {Word(choice.Kind.Value)} or the "
                + "folders with their splits.");
        return choice;
    }

    /// <summary>What <see cref="Parse"/> takes; empty when nothing is said.</summary>
    public override string ToString()
    {
        string?[] parts =
        [
            Inside is null ? null : $"in={Inside}",
            Kind is { } kind ? Word(kind) : null,
            .. Parts.Select(part => $"{part.Split.ToString().ToLowerInvariant()}={part.Folder}"),
            AlikeIsOne is { } one ? one ? "alike=one" : "alike=apart" : null,
        ];
        return string.Join(',', parts.Where(part => part is not null));
    }

    public bool Equals(LayoutChoice? other) => other is not null && ToString() == other.ToString();

    public override int GetHashCode() => ToString().GetHashCode(StringComparison.Ordinal);

    private static string Word(ReadingKind kind) => char.ToLowerInvariant(kind.ToString()[0]) + kind.ToString()[1..];

    private static ReadingKind? KindOf(string word) =>
        Enum.TryParse<ReadingKind>(string.Concat(word.Where(letter => letter is not ('-' or '_'))), ignoreCase: true, out var kind)
            && Enum.IsDefined(kind) && !word.All(char.IsDigit) ? kind : null;

    /// <summary>Only where something that can be said follows: a folder's own name may hold commas.</summary>
    [GeneratedRegex(@"\s*,\s*(?=(?:train|val|test|in|alike)=|(?:classes|splits|class-?first|merged|in-?names)\s*(?:,|$))",
        RegexOptions.IgnoreCase)]
    private static partial Regex Comma();
}
