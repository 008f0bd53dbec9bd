using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace Dashboard.Storage;

/// <summary>The database on a PostgreSQL server, where setting Dashboard:Postgres names one; migrations in MigrationsPostgres.</summary>
public sealed class PostgresDb(DbContextOptions<PostgresDb> options) : DashboardDb(options)
{
    internal static void Configure(DbContextOptionsBuilder options, string connection) => options.UseNpgsql(connection);

    /// <summary>For the dotnet-ef tool.</summary>
    public sealed class Design : IDesignTimeDbContextFactory<PostgresDb>
    {
        public PostgresDb CreateDbContext(string[] args)
        {
            var options = new DbContextOptionsBuilder<PostgresDb>();
            Configure(options, "Host=localhost");
            return new PostgresDb(options.Options);
        }
    }
}
