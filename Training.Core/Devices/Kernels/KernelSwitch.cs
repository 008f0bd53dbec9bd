namespace Training.Core.Devices.Kernels;

/// <summary>
/// Whether this process may compute with the kernels of this folder, by its environment, which child processes inherit. Without them
/// libtorch's own operators do everything: the way out where libtorch's threads, or what they run, are to blame for something.
/// </summary>
public static class KernelSwitch
{
    /// <summary>The environment's variable.</summary>
    public const string Variable = "DASHBOARD_KERNELS";

    /// <summary>The variable's value that forbids them, in capitals or not; so do "0" and "false". Anything else allows them.</summary>
    public const string Off = "off";

    /// <summary>Read once: a process computes in one way from its first step to its last.</summary>
    public static bool IsOff { get; } = Forbids(Environment.GetEnvironmentVariable(Variable));

    internal static bool Forbids(string? value) => value?.Trim().ToLowerInvariant() is Off or "0" or "false";
}
