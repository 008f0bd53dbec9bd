namespace Training.Tests.TestProcesses;

/// <summary>The checkout that the tests were built in.</summary>
internal static class Checkout
{
    public static string Folder { get; } = Find();

    public static string In(params string[] path) => Path.Combine([Folder, .. path]);

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "run.sh"))) folder = folder.Parent!;
        return folder.FullName;
    }
}
