using System.Globalization;
using Dashboard.Storage;

namespace Dashboard.Runs;

internal static class RunClasses
{
    /// <summary>The name of a class of the run; its number when the run doesn't know it.</summary>
    public static string ClassName(this RunRow run, int label) =>
        label >= 0 && label < run.Classes.Count ? run.Classes[label] : string.Create(CultureInfo.InvariantCulture, $"#{label}");
}
