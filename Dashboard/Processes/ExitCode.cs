namespace Dashboard.Processes;

/// <summary>What a verb's process returns.</summary>
internal static class ExitCode
{
    public const int Done = 0;
    public const int Failed = 1;
    public const int BadInput = 2;

    /// <summary>As a shell reports Ctrl+C.</summary>
    public const int Stopped = 130;
}
