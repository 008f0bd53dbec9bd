using System.Globalization;

namespace Dashboard.Access;

/// <summary>
/// Why an account or a token can't be as somebody wants it, here only: each sentence is a member that is named after what it says and takes
/// its values. What a refused request gets to hear is said where it is refused.
/// </summary>
internal static class AccessWords
{
    public const string NameIsTaken = "There is an account of this name already.";

    public const string FirstIsAdmin =
        "The first account is an admin's: members and viewers could not add others. Take the role Admin, then add the others.";

    public const string ChangedMeanwhile =
        "Somebody else changed this account at the same moment. Look again, and repeat it if it is still needed.";

    public const string TokenNameIsTaken = "There is a token of this name already. Revoke it first, or take another name.";

    public static string NameLength(int most) => string.Create(CultureInfo.InvariantCulture, $"Give a name of 1 to {most} characters.");

    public static string PasswordLength(int least) => string.Create(CultureInfo.InvariantCulture,
        $"A password has at least {least} characters; a few words in a row are fine.");

    public static string OnlyAdmin(string name) => $"“{name}” is the only admin. Make somebody else one first.";

    public static string TokenNameLength(int most) =>
        string.Create(CultureInfo.InvariantCulture, $"Say in 1 to {most} characters what uses the token.");
}
