using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using Dashboard.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.EntityFrameworkCore.Migrations.Internal;

namespace Training.Tests.Storage;

/// <summary>The database of a later version of the dashboard, which has one migration more.</summary>
internal sealed class NextVersion<T>(string file) : IDbContextFactory<DashboardDb> where T : Migration
{
    public DashboardDb CreateDbContext()
    {
        var options = new DbContextOptionsBuilder<SqliteDb>();
        SqliteDb.Configure(options, file);
        options.ReplaceService<IMigrationsAssembly, OneMore>();
        return new SqliteDb(options.Options);
    }

    [SuppressMessage("Usage", "EF1001", Justification = "There is no other way to add a migration to those of an assembly.")]
    private sealed class OneMore(
        ICurrentDbContext context, IDbContextOptions options, IMigrationsIdGenerator ids,
        IDiagnosticsLogger<DbLoggerCategory.Migrations> log)
        : MigrationsAssembly(context, options, ids, log)
    {
        public override IReadOnlyDictionary<string, TypeInfo> Migrations { get; } =
            new SortedDictionary<string, TypeInfo>(
                new MigrationsAssembly(context, options, ids, log).Migrations.ToDictionary(known => known.Key, known =>
                    known.Value)) { [Next.Id] = typeof(T).GetTypeInfo() };
    }
}

internal static class Next
{
    public const string Id = "29990101000000_Next";
}

[Migration(Next.Id)]
internal sealed class GoodMigration : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) =>
        migrationBuilder.Sql("ALTER TABLE Runs ADD COLUMN Note TEXT NOT NULL DEFAULT 'new in this version'");
}

[Migration(Next.Id)]
internal sealed class BrokenMigration : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.Sql("ALTER TABLE Runs ADD COLUMN Note TEXT NOT NULL DEFAULT 'half made'");
        migrationBuilder.Sql("UPDATE Runs SET Name = 'spoilt'");
        migrationBuilder.Sql("UPDATE NoSuchTable SET Name = 'x'");
    }
}
