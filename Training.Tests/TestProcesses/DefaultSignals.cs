using System.Diagnostics;

namespace Training.Tests.TestProcesses;

/// <summary>
/// A child that listens to Ctrl+C whatever the tests were started from. A shell without job control starts what it puts into the background
/// with SIGINT ignored, and every child inherits that.
/// </summary>
internal static class DefaultSignals
{
    /// <summary>By coreutils' env, which becomes the program: the process id is the program's.</summary>
    public static ProcessStartInfo WithDefaultSignals(this ProcessStartInfo start)
    {
        start.ArgumentList.Insert(0, start.FileName);
        start.ArgumentList.Insert(0, "--default-signal=INT");
        start.FileName = "env";
        return start;
    }
}
