using System.Reflection;

namespace Dashboard.Protocol;

/// <summary>Which program this is: a machine and its dashboard have to run the same one.</summary>
public static class ProgramVersion
{
    public static string Text { get; } =
        typeof(ProgramVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0]
        ?? "unknown";
}
