using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Dashboard.Storage;

/// <summary>What somebody may do; each may do what those before may.</summary>
public enum AccountRole
{
    /// <summary>Looks, and tries models.</summary>
    Viewer,

    /// <summary>Starts and stops runs, changes labels and datasets.</summary>
    Member,

    /// <summary>Also decides who may come in, and what the machines do.</summary>
    Admin,
}

/// <summary>
/// Somebody who signs in with a name and a password. What ASP.NET Core Identity has beyond that is left out of the table.
/// </summary>
public sealed class AccountRow : IdentityUser<int>
{
    public AccountRole Role { get; set; }

    public DateTimeOffset CreatedAt { get; set; }

    /// <summary>Null: never yet.</summary>
    public DateTimeOffset? LastSignInAt { get; set; }

    public string Name => UserName ?? "";

    internal static void Shape(EntityTypeBuilder<AccountRow> account)
    {
        account.Ignore(row => row.Name);
        account.Ignore(row => row.Email).Ignore(row => row.NormalizedEmail).Ignore(row => row.EmailConfirmed);
        account.Ignore(row => row.PhoneNumber).Ignore(row => row.PhoneNumberConfirmed).Ignore(row => row.TwoFactorEnabled);
        account.Property(row => row.UserName).HasMaxLength(64);
        account.Property(row => row.NormalizedUserName).HasMaxLength(64);
        account.Property(row => row.ConcurrencyStamp).IsConcurrencyToken();
        account.HasIndex(row => row.NormalizedUserName).IsUnique();
    }
}

/// <summary>What a program signs in with. The token itself is kept nowhere.</summary>
public sealed class ApiTokenRow
{
    public int Id { get; set; }

    /// <summary>Unique; says what uses it.</summary>
    public required string Name { get; set; }

    /// <summary>SHA-256 of the token, as hexadecimal digits.</summary>
    public required string Hash { get; set; }

    public AccountRole Role { get; set; }

    /// <summary>Who made it, by name.</summary>
    public string CreatedBy { get; set; } = "";

    public DateTimeOffset CreatedAt { get; set; }

    /// <summary>Within a minute; null: never yet.</summary>
    public DateTimeOffset? LastUsedAt { get; set; }

    internal static void Shape(EntityTypeBuilder<ApiTokenRow> token)
    {
        token.Property(row => row.Name).HasMaxLength(64);
        token.Property(row => row.Hash).HasMaxLength(64);
        token.HasIndex(row => row.Name).IsUnique();
        token.HasIndex(row => row.Hash).IsUnique();
    }
}

/// <summary>A browser that somebody signed in with, until they sign out there.</summary>
public sealed class SessionRow
{
    public int Id { get; set; }

    public int AccountId { get; set; }

    /// <summary>SHA-256 of the key in the browser's cookie, as hexadecimal digits.</summary>
    public required string Hash { get; set; }

    /// <summary>In words, such as "Firefox on Linux"; empty: it doesn't say.</summary>
    public string Browser { get; set; } = "";

    /// <summary>Where the sign-in came from; empty: not over a network.</summary>
    public string Address { get; set; } = "";

    public DateTimeOffset CreatedAt { get; set; }

    /// <summary>Within some minutes.</summary>
    public DateTimeOffset LastUsedAt { get; set; }

    internal static void Shape(EntityTypeBuilder<SessionRow> session)
    {
        session.Property(row => row.Hash).HasMaxLength(64);
        session.Property(row => row.Browser).HasMaxLength(64);
        session.Property(row => row.Address).HasMaxLength(64);
        session.HasOne<AccountRow>().WithMany().HasForeignKey(row => row.AccountId)
            .OnDelete(Microsoft.EntityFrameworkCore.DeleteBehavior.Cascade);
        session.HasIndex(row => row.Hash).IsUnique();
    }
}
