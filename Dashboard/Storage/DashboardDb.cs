using Microsoft.EntityFrameworkCore;

namespace Dashboard.Storage;

/// <summary>The database: SQLite by default. Taken from an IDbContextFactory, one context per piece of work.</summary>
public abstract class DashboardDb(DbContextOptions options) : DbContext(options)
{
    public DbSet<DatasetRow> Datasets => Set<DatasetRow>();
    public DbSet<SampleRow> Samples => Set<SampleRow>();
    public DbSet<RunRow> Runs => Set<RunRow>();
    public DbSet<AttemptRow> Attempts => Set<AttemptRow>();
    public DbSet<StepRow> Steps => Set<StepRow>();
    public DbSet<EpochRow> Epochs => Set<EpochRow>();
    public DbSet<LogRow> Logs => Set<LogRow>();
}
