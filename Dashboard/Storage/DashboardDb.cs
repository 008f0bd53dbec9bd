using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace Dashboard.Storage;

/// <summary>The database: SQLite by default. Taken from an IDbContextFactory, one context per piece of work.</summary>
/// <remarks>
/// Whoever changes a row adds a migration to both sets (a test says so when it was forgotten):
/// <c>dotnet ef migrations add NAME --context SqliteDb --project Dashboard -o Storage/MigrationsSqlite</c>, and the same with
/// PostgresDb and Storage/MigrationsPostgres.
/// </remarks>
public abstract class DashboardDb(DbContextOptions options) : DbContext(options)
{
    public DbSet<DatasetRow> Datasets => Set<DatasetRow>();
    public DbSet<SampleRow> Samples => Set<SampleRow>();
    public DbSet<RunRow> Runs => Set<RunRow>();
    public DbSet<AttemptRow> Attempts => Set<AttemptRow>();
    public DbSet<StepRow> Steps => Set<StepRow>();
    public DbSet<EpochRow> Epochs => Set<EpochRow>();
    public DbSet<LogRow> Logs => Set<LogRow>();
    public DbSet<MachineRow> Machines => Set<MachineRow>();
    public DbSet<ClusterRow> Clusters => Set<ClusterRow>();
    public DbSet<ClusterJobRow> ClusterJobs => Set<ClusterJobRow>();
    public DbSet<JoinTokenRow> JoinTokens => Set<JoinTokenRow>();
    public DbSet<AccountRow> Accounts => Set<AccountRow>();
    public DbSet<ApiTokenRow> ApiTokens => Set<ApiTokenRow>();
    public DbSet<SessionRow> Sessions => Set<SessionRow>();
    public DbSet<DashboardRow> Dashboards => Set<DashboardRow>();
    public DbSet<ContactRow> Contacts => Set<ContactRow>();

    /// <summary>By the clock of the computer that the database is on.</summary>
    internal virtual Task<DateTimeOffset> NowAsync(TimeProvider time, CancellationToken cancellationToken) =>
        Task.FromResult(time.GetUtcNow());

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        ArgumentNullException.ThrowIfNull(configurationBuilder);
        configurationBuilder.Properties<DateTimeOffset>().HaveConversion<UtcTicksConverter>();
        // Words stay readable in the file and survive a reordered enum.
        configurationBuilder.Properties<Enum>().HaveConversion<string>().HaveMaxLength(16);
    }

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        ArgumentNullException.ThrowIfNull(modelBuilder);
        modelBuilder.Entity<DatasetRow>().HasIndex(dataset => dataset.Name).IsUnique();
        modelBuilder.Entity<SampleRow>(sample =>
        {
            sample.HasKey(row => new { row.DatasetId, row.SampleId });
            sample.HasOne<DatasetRow>().WithMany().HasForeignKey(row => row.DatasetId).OnDelete(DeleteBehavior.Cascade);
            sample.HasIndex(row => new { row.DatasetId, row.Path }).IsUnique();
            sample.HasIndex(row => new { row.DatasetId, row.Label, row.Split });
        });
        modelBuilder.Entity<RunRow>(run =>
        {
            run.Ignore(row => row.Recipe);
            run.Property(row => row.State).IsConcurrencyToken();
            run.Property(row => row.Attempt).IsConcurrencyToken();
            // A number, unlike other words: the queue is ordered by it.
            run.Property(row => row.Priority).HasConversion<int>();
            run.HasIndex(row => row.State);
            // No foreign key: a run outlives its dataset.
            run.HasIndex(row => row.DatasetId);
        });
        modelBuilder.Entity<MachineRow>(machine =>
        {
            machine.HasKey(row => row.Name);
            machine.HasIndex(row => row.KeyHash);
            // Machines that joined before there were clusters.
            machine.Property(row => row.Kind).HasDefaultValue(MachineKind.Computer);
        });
        modelBuilder.Entity<ClusterRow>(ClusterRow.Shape);
        OfRun<ClusterJobRow>(modelBuilder, nameof(ClusterJobRow.RunId), nameof(ClusterJobRow.Attempt));
        modelBuilder.Entity<JoinTokenRow>().HasIndex(token => token.TokenHash).IsUnique();
        OfRun<AttemptRow>(modelBuilder, nameof(AttemptRow.RunId), nameof(AttemptRow.Number));
        OfRun<StepRow>(modelBuilder, nameof(StepRow.RunId), nameof(StepRow.Step));
        OfRun<EpochRow>(modelBuilder, nameof(EpochRow.RunId), nameof(EpochRow.Epoch));
        OfRun<LogRow>(modelBuilder, nameof(LogRow.RunId), nameof(LogRow.Attempt), nameof(LogRow.Sequence));
        modelBuilder.Entity<AccountRow>(AccountRow.Shape);
        modelBuilder.Entity<ApiTokenRow>(ApiTokenRow.Shape);
        modelBuilder.Entity<SessionRow>(SessionRow.Shape);
        modelBuilder.Entity<DashboardRow>().HasKey(row => row.Name);
        modelBuilder.Entity<ContactRow>(ContactRow.Shape);
    }

    private static void OfRun<T>(ModelBuilder model, params string[] key) where T : class => model.Entity<T>(entity =>
    {
        entity.HasKey(key);
        foreach (var part in key) entity.Property(part).ValueGeneratedNever();
        entity.HasOne<RunRow>().WithMany().HasForeignKey(key[0]).OnDelete(DeleteBehavior.Cascade);
    });

    /// <summary>SQLite can't order its own text form of a DateTimeOffset; ticks of UTC sort everywhere and lose nothing.</summary>
    private sealed class UtcTicksConverter() : ValueConverter<DateTimeOffset, long>(
        time => time.UtcTicks, ticks => new DateTimeOffset(ticks, TimeSpan.Zero));
}
