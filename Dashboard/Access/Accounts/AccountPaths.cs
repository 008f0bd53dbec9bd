namespace Dashboard.Access.Accounts;

/// <summary>Where people prove who they are: what must stay open to strangers, and where those are led who have to come in first.</summary>
public static class AccountPaths
{
    public const string SignIn = "/sign-in", FirstAccount = "/first-account", Password = "/password", Accounts = "/accounts",
        SignOut = "/sign-out";

    /// <param name="returnTo">Path and query that somebody wanted to see.</param>
    public static string SignInAndReturn(string returnTo) =>
        returnTo is "/" or "" ? SignIn : $"{SignIn}?to={Uri.EscapeDataString(returnTo)}";
}
