using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Dashboard.Access.Visitors;
using Dashboard.Storage;
using Microsoft.EntityFrameworkCore;

namespace Dashboard.Access.Accounts;

/// <summary>
/// What programs sign in with, in the header "Authorization: Bearer …". Only their SHA-256 is stored: they are random, so nothing slower is
/// needed.
/// </summary>
public sealed class ApiTokens(IDbContextFactory<DashboardDb> databases, VisitorFeed feed, TimeProvider time)
{
    public const int MaxName = 64;

    /// <summary>Lets people and scanners for leaked secrets know what it is.</summary>
    private const string Prefix = "ftd_";
    private const int RandomBytes = 32, MaxLength = 128;

    private static readonly TimeSpan UseNoted = TimeSpan.FromMinutes(1);

    public async Task<IReadOnlyList<ApiTokenRow>> ListAsync(CancellationToken cancellationToken = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.ApiTokens.AsNoTracking().OrderBy(token => token.Name).ToListAsync(cancellationToken);
    }

    /// <returns>The token, which can't be had again.</returns>
    /// <exception cref="AccountException">The name is empty, too long or taken.</exception>
    public async Task<string> MakeAsync(string name, AccountRole role, string by, CancellationToken cancellationToken = default)
    {
        name = name.Trim();
        if (name.Length is 0 or > MaxName)
            throw new AccountException("name", AccessWords.TokenNameLength(MaxName));
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await db.ApiTokens.AnyAsync(token => token.Name == name, cancellationToken))
            throw new AccountException("name", AccessWords.TokenNameIsTaken);
        var secret = Prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(RandomBytes));
        db.ApiTokens.Add(new ApiTokenRow { Name = name, Hash = HashOf(secret), Role = role, CreatedBy = by, CreatedAt = time.GetUtcNow() });
        await db.SaveChangesAsync(cancellationToken);
        return secret;
    }

    /// <returns>Null: never made, or revoked.</returns>
    public async Task<ApiTokenRow?> FindAsync(string secret, CancellationToken cancellationToken = default)
    {
        if (secret.Length > MaxLength || !secret.StartsWith(Prefix, StringComparison.Ordinal)) return null;
        var hash = HashOf(secret);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await db.ApiTokens.AsNoTracking().FirstOrDefaultAsync(token => token.Hash == hash, cancellationToken) is not { } found)
            return null;
        var now = time.GetUtcNow();
        if (found.LastUsedAt is null || now - found.LastUsedAt > UseNoted)
            await db.ApiTokens.Where(token => token.Id == found.Id)
                .ExecuteUpdateAsync(set => set.SetProperty(token => token.LastUsedAt, now), cancellationToken);
        return found;
    }

    /// <summary>Whether it is still good.</summary>
    public async Task<bool> HasAsync(int id, CancellationToken cancellationToken = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.ApiTokens.AnyAsync(token => token.Id == id, cancellationToken);
    }

    /// <summary>At once: the next request with it is refused, and open connections end.</summary>
    public async Task RevokeAsync(int id, CancellationToken cancellationToken = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await db.ApiTokens.Where(token => token.Id == id).ExecuteDeleteAsync(cancellationToken);
        feed.Tell(Visitor.KeyOfToken(id));
    }

    private static string HashOf(string secret) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));
}
