namespace Training.Tests.TestKit;

/// <summary>Real photo sets beside the checkout; tests that need one are reported as skipped where it is absent.</summary>
public static class RealData
{
    /// <summary>The set's folder, or skips the test.</summary>
    public static string Folder(string name)
    {
        var folder = Find(name);
        Skip.If(folder is null, $"The image set '{name}' is not on this machine (shared/data beside the checkout, or FINE_TUNE_DATA).");
        return folder!;
    }

    private static string? Find(string name)
    {
        if (Environment.GetEnvironmentVariable("FINE_TUNE_DATA") is { Length: > 0 } root)
            return Directory.Exists(Path.Combine(root, name)) ? Path.Combine(root, name) : null;
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var candidate = Path.Combine(folder.FullName, "shared", "data", name);
            if (Directory.Exists(candidate)) return candidate;
        }
        return null;
    }
}
