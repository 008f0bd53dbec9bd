using Dashboard.Processes;

namespace Dashboard.Access.Accounts;

/// <summary>What can't be done with an account or a token, in words for the one who tried.</summary>
/// <param name="field">Of the form: "name", "password" or "role".</param>
public sealed class AccountException(string field, string message) : RefusalException(message)
{
    public override string Field { get; } = field;
}
