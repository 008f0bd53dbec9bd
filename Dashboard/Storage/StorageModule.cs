using Dashboard.Storage.Files;
using Dashboard.Storage.Outages;
using Dashboard.Storage.Upgrades;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Dashboard.Storage;

public static class StorageModule
{
    /// <summary>Offers an <see cref="IDbContextFactory{TContext}"/> of <see cref="DashboardDb"/> to everybody.</summary>
    public static IServiceCollection AddStorage(this IServiceCollection services)
    {
        services.AddPooledDbContextFactory<SqliteDb>((provider, db) =>
        {
            SqliteDb.Configure(db, Options(provider).DatabaseFile);
            db.AddInterceptors(provider.GetRequiredService<OutageGate>());
        });
        services.AddPooledDbContextFactory<PostgresDb>((provider, db) =>
        {
            PostgresDb.Configure(db, Options(provider).Postgres, provider.GetRequiredService<StorageOutages>());
            db.AddInterceptors(provider.GetRequiredService<OutageGate>());
        });
        services.AddSingleton<IDbContextFactory<DashboardDb>>(provider => Options(provider).Postgres.Length == 0
            ? new Factory<SqliteDb>(provider.GetRequiredService<IDbContextFactory<SqliteDb>>())
            : new Factory<PostgresDb>(provider.GetRequiredService<IDbContextFactory<PostgresDb>>()));
        services.AddSingleton<DataRoot>();
        services.AddSingleton<DiskSpace>();
        services.AddSingleton<StorageOutages>();
        services.AddSingleton<OutageGate>();
        services.AddSingleton<DatabaseLocks>();
        services.AddSingleton<DatabaseUpgrade>();
        services.AddSingleton<Leadership>().AddHostedService(provider => provider.GetRequiredService<Leadership>());
        services.AddSingleton<OutageWatch>().AddHostedService(provider => provider.GetRequiredService<OutageWatch>());
        return services;
    }

    private static DashboardOptions Options(IServiceProvider provider) =>
        provider.GetRequiredService<IOptions<DashboardOptions>>().Value;

    private sealed class Factory<T>(IDbContextFactory<T> inner) : IDbContextFactory<DashboardDb> where T : DashboardDb
    {
        public DashboardDb CreateDbContext() => inner.CreateDbContext();
    }
}
