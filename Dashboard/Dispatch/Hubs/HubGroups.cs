using System.Globalization;
using Dashboard.Protocol;

namespace Dashboard.Dispatch.Hubs;

/// <summary>Which connections are spoken to together, whatever dashboard they came to.</summary>
internal static class HubGroups
{
    /// <summary>All machines that are connected.</summary>
    public const string Machines = "machines";

    /// <summary>Not of the run: a trainer whose attempt is over may still be connected.</summary>
    public static string Of(AttemptId attempt) =>
        string.Create(CultureInfo.InvariantCulture, $"run {attempt.RunId} attempt {attempt.Number}");
}
