using Training.Core.Data;
using Training.Core.Recipes;

namespace Dashboard.Pages.NewRun;

/// <summary>
/// A recipe while someone writes it: a preset that fits the dataset, and what was changed by hand, as text. So a wrong text stays in its
/// field with its problem beside it, and everything that was changed can be told and taken back.
/// </summary>
public sealed class RecipeDraft
{
    // Fields that say what is trained and where, not how: another preset leaves them alone.
    private static readonly string[] Kept = ["name", "backbone", "startFrom", "seed", "valFraction", "machine", "priority"];

    // Chosen elsewhere on the page, so never an edit.
    private static readonly string[] Chosen = ["dataset", "preset"];

    private readonly Dictionary<string, string> _edits = [];
    private readonly List<RecipeProblem> _problems = [];
    private string _dataset = "";
    private DatasetOutline? _outline;

    public RecipeDraft(Preset preset)
    {
        Preset = preset;
        Base = Recipe = preset.Apply(new Recipe { Dataset = "" });
    }

    public Preset Preset { get; private set; }

    /// <summary>The preset as it comes for this dataset.</summary>
    public Recipe Base { get; private set; }

    /// <summary>With all edits that could be read.</summary>
    public Recipe Recipe { get; private set; }

    /// <summary>Texts that are no value of their field.</summary>
    public IReadOnlyList<RecipeProblem> Unreadable => _problems;

    /// <summary>Fields that differ from the preset, in no special order.</summary>
    public IReadOnlyCollection<string> Edited => _edits.Keys;

    /// <summary>The draft that gives this recipe again, with its differences from its preset as edits.</summary>
    public static RecipeDraft Of(Recipe recipe)
    {
        var preset = Presets.All.FirstOrDefault(each => each.Name == recipe.Preset) ?? Presets.DefaultOf(recipe.Mode);
        var draft = new RecipeDraft(preset) { _dataset = recipe.Dataset };
        draft.TakeDifferences(recipe);
        return draft;
    }

    public void Use(string dataset, DatasetOutline? outline)
    {
        (_dataset, _outline) = (dataset, outline);
        Rebuild();
    }

    public void Take(Preset preset)
    {
        Preset = preset;
        foreach (var field in _edits.Keys.Except(Kept).ToList()) _edits.Remove(field);
        Rebuild();
    }

    public void Set(string field, string? text)
    {
        _edits[field] = (text ?? "").Trim();
        Rebuild();
    }

    public void Reset()
    {
        foreach (var field in _edits.Keys.Where(field => field != "name").ToList()) _edits.Remove(field);
        Rebuild();
    }

    /// <summary>What stands in the field: the edit as typed, else the preset's value.</summary>
    public string Text(string field) => _edits.TryGetValue(field, out var text) ? text : RecipeSetting.Read(Base, field);

    private void TakeDifferences(Recipe recipe)
    {
        foreach (var setting in RecipeSetting.Differences(Base, recipe))
        {
            var (field, text) = Split(setting);
            if (!Chosen.Contains(field)) _edits[field] = text;
        }
        Rebuild();
    }

    private void Rebuild()
    {
        Base = Preset.Apply(new Recipe { Dataset = _dataset });
        if (_outline is not null) Base = Base.FitTo(_outline);
        _problems.Clear();
        Recipe = Base;
        foreach (var (field, text) in _edits.ToList())
        {
            if (text == RecipeSetting.Read(Base, field)) _edits.Remove(field);
            else Apply(field, text);
        }
    }

    private void Apply(string field, string text)
    {
        try
        {
            Recipe = RecipeSetting.Apply(Recipe, $"{field}={text}");
        }
        catch (FormatException error)
        {
            // "epochs: 'x' is not …": the field stands beside it anyway.
            var message = error.Message[(error.Message.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
            _problems.Add(new RecipeProblem(ProblemSeverity.Error, field, message, ""));
        }
    }

    private static (string Field, string Text) Split(string setting)
    {
        var at = setting.IndexOf('=', StringComparison.Ordinal);
        return (setting[..at], setting[(at + 1)..]);
    }
}
