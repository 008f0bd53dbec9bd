using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Dashboard.Access.Visitors;
using Dashboard.Storage;
using Microsoft.EntityFrameworkCore;

namespace Dashboard.Access.Accounts;

/// <summary>
/// Where people are signed in: a row for each browser, which its cookie names by a random key. Without the row a cookie opens nothing,
/// however often it was copied. Only the key's SHA-256 is stored: it is random, so nothing slower is needed.
/// </summary>
public sealed class SessionStore(IDbContextFactory<DashboardDb> databases, VisitorFeed feed, TimeProvider time)
{
    /// <summary>After so long without a request a session is over.</summary>
    public static readonly TimeSpan Lasts = TimeSpan.FromDays(14);

    private const int RandomBytes = 32, MaxText = 64;

    private static readonly TimeSpan UseNoted = TimeSpan.FromMinutes(5);

    /// <param name="browser">In words, such as "Firefox on Linux".</param>
    /// <returns>The key for the cookie, which can't be had again.</returns>
    public async Task<string> BeginAsync(int accountId, string browser, string address, CancellationToken cancellationToken = default)
    {
        var key = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(RandomBytes));
        var now = time.GetUtcNow();
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var over = now - Lasts;
        await db.Sessions.Where(session => session.LastUsedAt <= over).ExecuteDeleteAsync(cancellationToken);
        db.Sessions.Add(new SessionRow
        {
            AccountId = accountId, Hash = HashOf(key), Browser = Short(browser), Address = Short(address), CreatedAt = now,
                LastUsedAt = now,
        });
        await db.SaveChangesAsync(cancellationToken);
        return key;
    }

    /// <returns>Whose session it is; null: it was ended, or is over.</returns>
    public async Task<AccountRow?> FindAsync(string key, CancellationToken cancellationToken = default)
    {
        var (hash, now) = (HashOf(key), time.GetUtcNow());
        var over = now - Lasts;
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var found = await db.Sessions.AsNoTracking().Where(session => session.Hash == hash && session.LastUsedAt > over)
            .Join(db.Accounts, session => session.AccountId, account => account.Id, (session, account) => new { session, account })
            .FirstOrDefaultAsync(cancellationToken);
        if (found is null) return null;
        if (now - found.session.LastUsedAt > UseNoted) await NoteUseAsync(db, found.session.Id, now, cancellationToken);
        return found.account;
    }

    /// <summary>The sessions that are not over, the one that was used last first.</summary>
    public async Task<IReadOnlyList<SessionRow>> ListAsync(int accountId, CancellationToken cancellationToken = default)
    {
        var over = time.GetUtcNow() - Lasts;
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.Sessions.AsNoTracking().Where(session => session.AccountId == accountId && session.LastUsedAt > over)
            .OrderByDescending(session => session.LastUsedAt).ThenByDescending(session => session.Id).ToListAsync(cancellationToken);
    }

    /// <summary>Whether the session is the one of this key.</summary>
    public static bool IsOf(SessionRow session, string? key)
    {
        ArgumentNullException.ThrowIfNull(session);
        return key is not null && session.Hash == HashOf(key);
    }

    /// <summary>At once: the next request with its cookie is a stranger's, open pages and connections end.</summary>
    public Task EndAsync(int accountId, string key, CancellationToken cancellationToken = default)
    {
        var hash = HashOf(key);
        return EndAsync(accountId, sessions => sessions.Where(session => session.Hash == hash), cancellationToken);
    }

    /// <param name="sessionId">Another account's is left alone.</param>
    public Task EndAsync(int accountId, int sessionId, CancellationToken cancellationToken = default) =>
        EndAsync(accountId, sessions => sessions.Where(session => session.Id == sessionId), cancellationToken);

    public Task EndAllAsync(int accountId, CancellationToken cancellationToken = default) =>
        EndAsync(accountId, sessions => sessions, cancellationToken);

    private async Task EndAsync(
        int accountId, Func<IQueryable<SessionRow>, IQueryable<SessionRow>> which, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await which(db.Sessions.Where(session => session.AccountId == accountId)).ExecuteDeleteAsync(cancellationToken);
        feed.Tell(Visitor.KeyOfAccount(accountId));
    }

    /// <summary>A database that can't be written at the moment shall not keep people out.</summary>
    private static async Task NoteUseAsync(DashboardDb db, int id, DateTimeOffset now, CancellationToken cancellationToken)
    {
        try
        {
            await db.Sessions.Where(session => session.Id == id)
                .ExecuteUpdateAsync(set => set.SetProperty(session => session.LastUsedAt, now), cancellationToken);
        }
        catch (Exception exception) when (StorageException.Explain(exception, "the database") is not null)
        {
            // The next request tries it again.
        }
    }

    private static string Short(string text) => text.Length > MaxText ? text[..MaxText] : text;

    private static string HashOf(string key) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));
}
