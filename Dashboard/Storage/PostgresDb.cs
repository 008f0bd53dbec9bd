using Dashboard.Storage.Outages;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace Dashboard.Storage;

/// <summary>The database on a PostgreSQL server, where setting Dashboard:Postgres names one; migrations in MigrationsPostgres.</summary>
public sealed class PostgresDb(DbContextOptions<PostgresDb> options) : DashboardDb(options)
{
    /// <summary>Ticks, as all times are stored.</summary>
    private const string Now = "SELECT (extract(epoch FROM clock_timestamp()) * 10000000)::bigint + 621355968000000000 AS \"Value\"";

    internal override async Task<DateTimeOffset> NowAsync(TimeProvider time, CancellationToken cancellationToken) =>
        new((await Database.SqlQueryRaw<long>(Now).ToListAsync(cancellationToken))[0], TimeSpan.Zero);

    /// <param name="outages">Null: nothing is tried again.</param>
    internal static void Configure(DbContextOptionsBuilder options, string connection, StorageOutages? outages = null) => options
        .UseNpgsql(connection, npgsql =>
        {
            if (outages is not null) npgsql.ExecutionStrategy(context => new PostgresRetry(context, outages));
        })
        .AddInterceptors(ReadableRows.Instance);

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
