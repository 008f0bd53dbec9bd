using Dashboard.Terminal.Output;
using Training.Core.Recipes;

namespace Dashboard.Terminal;

/// <summary>A recipe's fields as they are typed.</summary>
internal static class RecipeOptions
{
    /// <param name="settings">field=value each.</param>
    /// <exception cref="InvalidInputException">No such field, or a value of another form.</exception>
    public static Recipe WithSettings(Recipe recipe, IEnumerable<string>? settings)
    {
        try
        {
            return (settings ?? []).Aggregate(recipe, RecipeSetting.Apply);
        }
        catch (FormatException error)
        {
            throw new InvalidInputException($"--set: {error.Message}");
        }
    }
}
