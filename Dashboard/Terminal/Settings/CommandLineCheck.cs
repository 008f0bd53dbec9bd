using Dashboard.Processes;
using Dashboard.Storage;
namespace Dashboard.Terminal.Settings;

/// <summary>
/// The settings on the command line. What isn't one would be passed over in silence: a dashboard that was to be reached from elsewhere by
/// <c>--url</c> would listen at home.
/// </summary>
internal static class CommandLineCheck
{
    private const string Help = "Settings are --urls, --AllowedHosts, and those that begin with --Dashboard:, --Logging: or --Kestrel:, "
        + "each followed by its value.";

    private static readonly string[] Known =
        ["urls", "AllowedHosts", "environment", "contentRoot", "applicationName", "http_ports", "https_ports", "DetailedErrors"];

    private static readonly string[] Sections = [DashboardOptions.Section, "Logging", "Kestrel"];

    /// <exception cref="StartException">Names each that is none, or has no value.</exception>
    public static void Require(IReadOnlyList<string> arguments)
    {
        var problems = new List<string>();
        for (var at = arguments is ["serve", ..] ? 1 : 0; at < arguments.Count; at++)
        {
            var parts = arguments[at].Split('=', 2);
            var isSetting = IsSetting(parts[0]);
            if (!isSetting) problems.Add($"'{parts[0]}' is not a setting. {Help}");
            if (parts.Length == 2) continue;
            if (at + 1 < arguments.Count && (isSetting || !arguments[at + 1].StartsWith('-'))) at++;
            else if (isSetting) problems.Add($"'{parts[0]}' has no value. Write it as {parts[0]}=VALUE.");
        }
        if (problems.Count > 0) throw new StartException(string.Join(Environment.NewLine, problems));
    }

    private static bool IsSetting(string argument)
    {
        var key = argument.StartsWith("--", StringComparison.Ordinal) ? argument[2..] : argument.StartsWith('/') ? argument[1..] : argument;
        return Known.Contains(key, StringComparer.OrdinalIgnoreCase)
            || Sections.Contains(key.Split(':')[0], StringComparer.OrdinalIgnoreCase);
    }
}
