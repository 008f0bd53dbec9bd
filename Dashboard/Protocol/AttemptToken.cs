using System.Security.Cryptography;
using System.Text;

namespace Dashboard.Protocol;

/// <summary>The secret of an attempt: the trainer shows it, the database keeps its hash only.</summary>
internal static class AttemptToken
{
    /// <summary>
    /// The environment variable that hands it to the trainer: the arguments of a process are open to everyone on the machine.
    /// </summary>
    public const string Variable = "DASHBOARD_ATTEMPT_TOKEN";

    public static string Create() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));

    /// <summary>SHA-256, lower-case hex.</summary>
    public static string Hash(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));

    public static bool Matches(string token, string hash) =>
        CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(Hash(token)), Encoding.ASCII.GetBytes(hash));
}
