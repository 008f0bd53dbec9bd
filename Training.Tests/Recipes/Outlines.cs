using Training.Core.Data;

namespace Training.Tests.Recipes;

/// <summary>Dataset outlines for tests.</summary>
internal static class Outlines
{
    /// <summary>Two classes of equal size with a validation split.</summary>
    public static DatasetOutline Of(int train, int val, params DatasetProblem[] problems) =>
        new("ants & bees", ["ants", "bees"], new[,] { { train - train / 2, val - val / 2, 0 }, { train / 2, val / 2, 0 } }, problems);

    /// <summary>Two classes without any split.</summary>
    public static DatasetOutline Unsplit(int count) => Of(count, 0);

    public static DatasetOutline OneClass(int train) => new("cats", ["cats"], new[,] { { train, 0, 0 } }, []);
}
