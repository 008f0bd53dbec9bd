using System.Globalization;
using Dashboard.Access.Visitors;
using Dashboard.Storage;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace Dashboard.Access.Accounts;

/// <summary>The accounts: the only door to ASP.NET Core Identity, with one scope and database context per piece of work.</summary>
public sealed partial class AccountStore(
    IServiceScopeFactory scopes, IDbContextFactory<DashboardDb> databases, SessionStore sessions, VisitorFeed feed, TimeProvider time,
    ILogger<AccountStore> log)
{
    public const int MaxName = 64, MinPassword = 10, MaxPassword = 256;

    /// <summary>So many wrong passwords in a row lock an account.</summary>
    private const int MostTries = 5;

    private static readonly TimeSpan LockedFor = TimeSpan.FromMinutes(5);

    /// <summary>Compared with for names that nobody has.</summary>
    private string? _nobody;

    public async Task<bool> AnyAsync(CancellationToken cancellationToken = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.Accounts.AnyAsync(cancellationToken);
    }

    public async Task<IReadOnlyList<AccountRow>> ListAsync(CancellationToken cancellationToken = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.Accounts.AsNoTracking().OrderBy(account => account.NormalizedUserName).ToListAsync(cancellationToken);
    }

    public async Task<AccountRow?> FindAsync(int id, CancellationToken cancellationToken = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.Accounts.AsNoTracking().FirstOrDefaultAsync(account => account.Id == id, cancellationToken);
    }

    /// <summary>
    /// Looks a name and a password up. Each try counts before it is judged, so that many at once don't slip past the lock, and costs one
    /// comparison of hashes beside one change of the database: the time of an answer tells nobody which names there are.
    /// </summary>
    /// <returns>Null: unknown, wrong or locked; which of them is nobody's business.</returns>
    public Task<AccountRow?> CheckAsync(string name, string password) => WithAsync(async users =>
    {
        if (password.Length > MaxPassword) return null;
        // Before the name is looked up: whoever comes first pays for it, whatever name it is.
        var nobody = _nobody ??= users.PasswordHasher.HashPassword(new AccountRow(), Guid.NewGuid().ToString());
        var account = await users.FindByNameAsync(name.Trim());
        var counting = CountAsync(account?.Id);
        var comparing = Task.Run(() =>
            users.PasswordHasher.VerifyHashedPassword(account ?? new AccountRow(), account?.PasswordHash ?? nobody, password));
        var (mayTry, isLocked) = await counting;
        var compared = await comparing;
        if (account is null || !mayTry) return null;
        if (compared == PasswordVerificationResult.Failed)
        {
            if (isLocked) LogLocked(account.Name);
            return null;
        }
        var again = compared == PasswordVerificationResult.SuccessRehashNeeded
            ? users.PasswordHasher.HashPassword(account, password) : account.PasswordHash;
        await WelcomeAsync(account, again);
        return account;
    });

    /// <summary>
    /// One try more, unless the account is locked; the last one that is allowed locks it, until it turns out to be right.
    /// </summary>
    private async Task<(bool MayTry, bool IsLocked)> CountAsync(int? id)
    {
        var now = time.GetUtcNow();
        var until = now + LockedFor;
        await using var db = await databases.CreateDbContextAsync();
        var counted = await db.Accounts.Where(account => account.Id == id && (account.LockoutEnd == null || account.LockoutEnd <= now))
            .ExecuteUpdateAsync(set => set
            .SetProperty(account => account.LockoutEnd, account => account.AccessFailedCount + 1 >= MostTries ? until : account.LockoutEnd)
            .SetProperty(account => account.AccessFailedCount, account =>
                account.AccessFailedCount + 1 >= MostTries ? 0 : account.AccessFailedCount + 1));
        return (counted == 1, await db.Accounts.AnyAsync(account => account.Id == id && account.LockoutEnd > now));
    }

    private async Task WelcomeAsync(AccountRow account, string? hash)
    {
        var (now, compared) = (time.GetUtcNow(), account.PasswordHash);
        await using var db = await databases.CreateDbContextAsync();
        await db.Accounts.Where(row => row.Id == account.Id).ExecuteUpdateAsync(set => set
            .SetProperty(row => row.LastSignInAt, now).SetProperty(row => row.AccessFailedCount, 0)
                .SetProperty(row => row.LockoutEnd, (DateTimeOffset?)null));
        if (hash != compared)
            await db.Accounts.Where(row => row.Id == account.Id && row.PasswordHash == compared)
                .ExecuteUpdateAsync(set => set.SetProperty(row => row.PasswordHash, hash));
    }

    /// <exception cref="AccountException">
    /// The name is taken or empty, or the password too short; or the first account is no admin's: nobody could add others from elsewhere.
    /// </exception>
    public Task<AccountRow> AddAsync(string name, string password, AccountRole role) => WithAsync(async users =>
    {
        name = name.Trim();
        if (name.Length is 0 or > MaxName || name.Any(char.IsControl))
            throw new AccountException("name", AccessWords.NameLength(MaxName));
        CheckLength(password);
        if (role != AccountRole.Admin && !await AnyAsync()) throw new AccountException("role", AccessWords.FirstIsAdmin);
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
        await sessions.EndAllAsync(id);
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
            throw new AccountException("password", AccessWords.PasswordLength(MinPassword));
    }

    private async Task KeepAnAdminAsync(AccountRow account)
    {
        if (account.Role != AccountRole.Admin) return;
        await using var db = await databases.CreateDbContextAsync();
        if (!await db.Accounts.AnyAsync(other => other.Id != account.Id && other.Role == AccountRole.Admin))
            throw new AccountException("role", AccessWords.OnlyAdmin(account.Name));
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
            nameof(IdentityErrorDescriber.DuplicateUserName) => new AccountException("name", AccessWords.NameIsTaken),
            nameof(IdentityErrorDescriber.ConcurrencyFailure) => new AccountException("name", AccessWords.ChangedMeanwhile),
            _ => new AccountException("name", error.Description),
        };
    }

    [LoggerMessage(LogLevel.Warning, "The account {Name} is locked for some minutes after too many wrong passwords")]
    private partial void LogLocked(string name);
}
