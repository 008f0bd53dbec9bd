using System.Globalization;

namespace Dashboard.Machines;

/// <summary>
/// What people read of machines, here only: each sentence is a member that is named after what it says and takes its values.
/// </summary>
internal static class MachineWords
{
    public const string TokenUnknown = "The dashboard doesn't know this token, or it was revoked. Its Machines page makes a new one.";

    public static string NameImpossible(string name) => $"“{name}” can't be a machine's name.";

    /// <param name="problem">What is wrong with the name.</param>
    public static string NameRefused(string problem, int most) => $"{problem} Give another one with --name (at most {most} characters).";

    public static string NameIsTaken(string name) =>
        $"There is a machine “{name}” already. Give this one another name with --name, or remove the other one on the Machines page first.";

    public static string ToolHangs(string tool, int process) =>
        $"{tool} hangs and can't even be ended (process {process}): the driver doesn't answer. Restarting this machine usually helps.";

    public static string ToolFailed(string tool, int exitCode, string printed) => $"{tool} ended with exit code {exitCode}: {printed}";

    public static string ToolSilent(string tool, TimeSpan patience) => string.Create(CultureInfo.InvariantCulture,
        $"{tool} has not answered within {patience.TotalSeconds} seconds and was ended. The driver may be in trouble.");

    public static string ToolNotStarted(string tool) => $"{tool} could not be started.";

    public static string ToolNotStarted(string tool, string why) => $"{tool} could not be started: {why}";
}
