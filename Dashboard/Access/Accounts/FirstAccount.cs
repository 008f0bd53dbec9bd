using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Dashboard.Storage;

namespace Dashboard.Access.Accounts;

/// <summary>
/// How the first admin comes in from another computer: by a code that stands in the terminal of the one who started the dashboard. It is
/// good until an account exists, and known here by its hash only.
/// </summary>
public sealed class FirstAccount(AccountStore accounts, DatabaseLocks locks) : IDisposable
{
    private const int RandomBytes = 24;

    private readonly SemaphoreSlim _one = new(1, 1);
    private byte[]? _hash;

    /// <returns>A new code; a former one is no longer good.</returns>
    public string NewCode()
    {
        var code = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(RandomBytes));
        _hash = HashOf(code);
        return code;
    }

    public bool Fits(string? code) =>
        _hash is { } hash && code is { Length: > 0 and < 100 } && CryptographicOperations.FixedTimeEquals(HashOf(code), hash);

    /// <returns>The first admin; null when the code is not good, or no longer.</returns>
    /// <exception cref="AccountException">Name or password won't do; the code stays good.</exception>
    public async Task<AccountRow?> MakeAsync(string? code, string name, string password)
    {
        // Two that come at the same moment: one of them is too late.
        await _one.WaitAsync();
        try
        {
            await using var turn = await locks.TakeAsync("first account", "the first account", CancellationToken.None);
            if (!Fits(code) || await accounts.AnyAsync()) return null;
            var account = await accounts.AddAsync(name, password, AccountRole.Admin);
            _hash = null;
            return account;
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose() => _one.Dispose();

    private static byte[] HashOf(string code) => SHA256.HashData(Encoding.UTF8.GetBytes(code));
}
