namespace Dashboard.Terminal;

/// <summary>The verbs of the terminal; anything else is <c>serve</c>.</summary>
public static class Verbs
{
    public static bool Handles(string[] args) => args.Length > 0 && args[0] is "trainer" or "train" or "evaluate" or "demo-data";

    public static Task<int> RunAsync(string[] args) => throw new NotImplementedException(args[0]);
}
