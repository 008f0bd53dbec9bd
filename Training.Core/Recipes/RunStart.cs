using System.Text.Json;
using Training.Core.Data;
using Training.Core.Runs;

namespace Training.Core.Recipes;

/// <summary>The two files that a run starts from, in its folder.</summary>
public static class RunStart
{
    /// <summary>Makes the folder with both.</summary>
    public static void Write(this RunFolder folder, Recipe recipe, DatasetManifest manifest)
    {
        Directory.CreateDirectory(folder.Path);
        AtomicFile.WriteText(folder.Recipe, JsonSerializer.Serialize(recipe, CoreJson.Indented));
        manifest.Save(folder.Manifest);
    }

    /// <exception cref="InvalidDataException">The file is empty.</exception>
    public static Recipe ReadRecipe(this RunFolder folder) =>
        JsonSerializer.Deserialize<Recipe>(File.ReadAllText(folder.Recipe), CoreJson.Options)
            ?? throw new InvalidDataException($"{folder.Recipe} is empty.");
}
