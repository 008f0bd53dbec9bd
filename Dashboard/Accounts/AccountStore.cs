using System.Globalization;
using Dashboard.Storage;
using Dashboard.Visitors;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace Dashboard.Accounts;

/// <summary>The accounts: the only door to ASP.NET Core Identity, with one scope and database context per piece of work.</summary>
public sealed partial class AccountStore(
    IServiceScopeFactory scopes, IDbContextFactory<DashboardDb> databases, VisitorFeed feed, TimeProvider time, ILogger<AccountStore> log)
{
    public const int MaxName = 64, MinPassword = 10, MaxPassword = 256;

    /// <summary>Compared with for names that nobody has, so that the time of an answer doesn't tell which names there are.</summary>
    private static readonly Lazy<string> Nobody = new(() => new PasswordHasher<AccountRow>().HashPassword(new AccountRow(), Guid.NewGuid().ToString()));

    public async Task<bool> AnyAsync(CancellationToken stop = default)
    {
        await using var db = await databases.CreateDbContextAsync(stop);
        return await db.Accounts.AnyAsync(stop);
    }

    public async Task<IReadOnlyList<AccountRow>> ListAsync(CancellationToken stop = default)
    {
        await using var db = await databases.CreateDbContextAsync(stop);
        return await db.Accounts.AsNoTracking().OrderBy(account => account.NormalizedUserName).ToListAsync(stop);
    }

    public async Task<AccountRow?> FindAsync(int id, CancellationToken stop = default)
    {
        await using var db = await databases.CreateDbContextAsync(stop);
        return await db.Accounts.AsNoTracking().FirstOrDefaultAsync(account => account.Id == id, stop);
    }

    /// <summary>Looks a name and a password up, and counts those that are wrong: after some the account is locked for minutes.</summary>
    /// <returns>Null: unknown, wrong or locked; which of them is nobody's business.</returns>
    public Task<AccountRow?> CheckAsync(string name, string password) => WithAsync(async users =>
    {
        if (password.Length > MaxPassword) return null;
        if (await users.FindByNameAsync(name.Trim()) is not { } account)
        {
            users.PasswordHasher.VerifyHashedPassword(new AccountRow(), Nobody.Value, password);
            return null;
        }
        if (await users.IsLockedOutAsync(account)) return null;
        if (!await users.CheckPasswordAsync(account, password))
        {
            await users.AccessFailedAsync(account);
            if (await users.IsLockedOutAsync(account)) LogLocked(account.Name);
            return null;
        }
        account.LastSignInAt = time.GetUtcNow();
        account.AccessFailedCount = 0;
        Demand(await users.UpdateAsync(account));
        return account;
    });

    /// <exception cref="AccountException">The name is taken or empty, or the password too short.</exception>
    public Task<AccountRow> AddAsync(string name, string password, AccountRole role) => WithAsync(async users =>
    {
        name = name.Trim();
        if (name.Length is 0 or > MaxName || name.Any(char.IsControl))
            throw new AccountException("name", string.Create(CultureInfo.InvariantCulture, $"Give a name of 1 to {MaxName} characters."));
        CheckLength(password);
        var account = new AccountRow { UserName = name, Role = role, CreatedAt = time.GetUtcNow() };
        Demand(await users.CreateAsync(account, password));
        return account;
    });

    /// <exception cref="AccountException">Nobody could administer any more.</exception>
    public Task ChangeRoleAsync(int id, AccountRole role) => ChangeAsync(id, async (users, account) =>
    {
        if (role != AccountRole.Admin) await KeepAnAdminAsync(account);
        account.Role = role;
        Demand(await users.UpdateAsync(account));
    });

    /// <summary>Whoever is signed in with the old one is signed out, and a lock is lifted.</summary>
    /// <exception cref="AccountException">It is too short.</exception>
    public Task ResetPasswordAsync(int id, string password) => ChangeAsync(id, async (users, account) =>
    {
        CheckLength(password);
        Demand(await users.RemovePasswordAsync(account));
        Demand(await users.AddPasswordAsync(account, password));
        await UnlockAsync(users, account);
    });

    public Task UnlockAsync(int id) => ChangeAsync(id, UnlockAsync);

    /// <exception cref="AccountException">Nobody could administer any more.</exception>
    public Task RemoveAsync(int id) => ChangeAsync(id, async (users, account) =>
    {
        await KeepAnAdminAsync(account);
        Demand(await users.DeleteAsync(account));
    });

    private static async Task UnlockAsync(UserManager<AccountRow> users, AccountRow account)
    {
        (account.LockoutEnd, account.AccessFailedCount) = (null, 0);
        Demand(await users.UpdateAsync(account));
    }

    private static void CheckLength(string password)
    {
        if (password.Length is < MinPassword or > MaxPassword)
            throw new AccountException("password", string.Create(CultureInfo.InvariantCulture, $"A password has at least {MinPassword} characters; a few words in a row are fine."));
    }

    private async Task KeepAnAdminAsync(AccountRow account)
    {
        if (account.Role != AccountRole.Admin) return;
        await using var db = await databases.CreateDbContextAsync();
        if (!await db.Accounts.AnyAsync(other => other.Id != account.Id && other.Role == AccountRole.Admin))
            throw new AccountException("role", $"“{account.Name}” is the only admin. Make somebody else one first.");
    }

    /// <summary>An account that is gone by now needs no change.</summary>
    private async Task ChangeAsync(int id, Func<UserManager<AccountRow>, AccountRow, Task> change)
    {
        await WithAsync(async users =>
        {
            if (await users.FindByIdAsync(id.ToString(CultureInfo.InvariantCulture)) is { } account) await change(users, account);
            return true;
        });
        feed.Tell(Visitor.KeyOfAccount(id));
    }

    private async Task<T> WithAsync<T>(Func<UserManager<AccountRow>, Task<T>> work)
    {
        await using var scope = scopes.CreateAsyncScope();
        return await work(scope.ServiceProvider.GetRequiredService<UserManager<AccountRow>>());
    }

    private static void Demand(IdentityResult result)
    {
        if (result.Succeeded) return;
        var error = result.Errors.First();
        throw error.Code switch
        {
            nameof(IdentityErrorDescriber.DuplicateUserName) => new AccountException("name", "There is an account of this name already."),
            nameof(IdentityErrorDescriber.ConcurrencyFailure) => new AccountException("name", "Somebody else changed this account at the same moment. Look again, and repeat it if it is still needed."),
            _ => new AccountException("name", error.Description),
        };
    }

    [LoggerMessage(LogLevel.Warning, "The account {Name} is locked for some minutes after too many wrong passwords")]
    private partial void LogLocked(string name);
}
