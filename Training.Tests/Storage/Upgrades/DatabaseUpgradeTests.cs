using Dashboard.Storage;
using Dashboard.Storage.Upgrades;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Training.Tests.TestKit;

namespace Training.Tests.Storage.Upgrades;

public sealed class DatabaseUpgradeTests
{
    [Fact]
    public void Model_OfSqlite_HasNoPendingChanges()
    {
        using var db = new SqliteDb.Design().CreateDbContext([]);
        Assert.False(db.Database.HasPendingModelChanges(), "Add a migration to Storage/MigrationsSqlite: see DashboardDb.");
    }

    [Fact]
    public void Model_OfPostgres_HasNoPendingChanges()
    {
        using var db = new PostgresDb.Design().CreateDbContext([]);
        Assert.False(db.Database.HasPendingModelChanges(), "Add a migration to Storage/MigrationsPostgres: see DashboardDb.");
    }

    [Fact]
    public void Migrations_OfBothDatabases_HaveTheSameNames()
    {
        using var sqlite = new SqliteDb.Design().CreateDbContext([]);
        using var postgres = new PostgresDb.Design().CreateDbContext([]);

        Assert.Equal(sqlite.Database.GetMigrations().Select(Name), postgres.Database.GetMigrations().Select(Name));

        static string Name(string migration) => migration[(migration.IndexOf('_', StringComparison.Ordinal) + 1)..];
    }

    [Fact]
    public async Task Upgrade_OfAnEmptyFolder_MakesADatabaseInWalMode()
    {
        await using var store = await TestStore.OpenAsync();

        Assert.Equal("wal", Ask(Path.Combine(store.DataRoot, "dashboard.db"), "PRAGMA journal_mode"));
        Assert.Empty(Directory.EnumerateFiles(store.DataRoot, "*.before-upgrade-*"));
    }

    [Fact]
    public async Task Upgrade_OfTheFirstDatabase_KeepsItsRowsAndACopyOfIt()
    {
        using var folder = new TemporaryFolder();
        var migrations = await MakeFirstDatabaseAsync(folder.In("dashboard.db"));

        await using var store = await TestStore.OpenAsync(folder.Path);

        await using var db = store.Database();
        var run = await db.Runs.SingleAsync();
        Assert.Equal(("An old run", 0.875), (run.Name, run.BestValAccuracy!.Value));
        Assert.Equal(["cat", "dog"], run.Classes);
        Assert.Equal("old photos", (await db.Datasets.SingleAsync()).Name);
        // The first database alone needs no upgrade and so no copy.
        Assert.Equal(migrations > 1 ? 1 : 0, Directory.GetFiles(folder.Path, "*.before-upgrade-*").Length);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Upgrade_WherePeopleCameFromElsewhere_FencesFoldersWhoseOwnerNobodyKnows(bool hasAccounts)
    {
        using var folder = new TemporaryFolder();
        await MakeFirstDatabaseAsync(folder.In("dashboard.db"), upTo: "Priorities");
        if (hasAccounts)
            Run(folder.In("dashboard.db"),
                "INSERT INTO Accounts (Role, CreatedAt, UserName, NormalizedUserName, LockoutEnabled, AccessFailedCount) VALUES ('Admin', "
                    + "1, 'ada', 'ADA', 1, 0)");

        await using var store = await TestStore.OpenAsync(folder.Path);

        await using var db = store.Database();
        Assert.Equal(hasAccounts, (await db.Datasets.SingleAsync()).IsFenced);
    }

    [Fact]
    public async Task Copy_OfADatabaseInUse_HoldsWhatIsStillInTheWriteAheadLog()
    {
        await using var store = await TestStore.OpenAsync();
        await store.QueueAsync("just now");
        var copy = Path.Combine(store.DataRoot, "copy.db");

        DatabaseUpgrade.Copy(Path.Combine(store.DataRoot, "dashboard.db"), copy);

        Assert.Equal("just now", Ask(copy, "SELECT Name FROM Runs"));
        Assert.Empty(Directory.EnumerateFiles(store.DataRoot, "*.part"));
    }

    [Fact]
    public async Task Upgrade_OfANewerDatabase_IsRefusedAndLeavesItAlone()
    {
        using var folder = new TemporaryFolder();
        await using (var store = await TestStore.OpenAsync(folder.Path)) await store.QueueAsync("of the future");
        Run(folder.In("dashboard.db"), "INSERT INTO __EFMigrationsHistory VALUES ('29990101000000_Future', '99.0')");

        var refused = await Assert.ThrowsAsync<StorageException>(() => TestStore.OpenAsync(folder.Path));

        Assert.Contains("newer version of the dashboard (29990101000000_Future)", refused.Message, StringComparison.Ordinal);
        Assert.Equal("of the future", Ask(folder.In("dashboard.db"), "SELECT Name FROM Runs"));
    }

    [Fact]
    public async Task Upgrade_OfAFileThatIsNoDatabase_NamesItAndTheRemedy()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.In("dashboard.db"),
            string.Join(' ', Enumerable.Repeat("This is a letter, not a database.", 100)));

        var refused = await Assert.ThrowsAsync<StorageException>(() => TestStore.OpenAsync(folder.Path));

        Assert.StartsWith($"The database {folder.In("dashboard.db")} is damaged or not a database", refused.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Upgrade_WithAPostgresServerThatIsNotThere_NamesTheSettingButNotThePassword()
    {
        var refused = await Assert.ThrowsAsync<StorageException>(() =>
            TestStore.OpenAsync(postgres: "Host=127.0.0.1;Port=1;Database=tuning;Username=me;Password=secret;Timeout=5"));

        Assert.Contains("127.0.0.1:1/tuning (setting Dashboard:Postgres)", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", refused.Message, StringComparison.Ordinal);
    }

    /// <returns>How many migrations there are.</returns>
    private static async Task<int> MakeFirstDatabaseAsync(string file, string? upTo = null)
    {
        var options = new DbContextOptionsBuilder<SqliteDb>();
        SqliteDb.Configure(options, file, SqliteOpenMode.ReadWriteCreate);
        await using var db = new SqliteDb(options.Options);
        var migrations = db.Database.GetMigrations().ToList();
        await db.GetService<IMigrator>().MigrateAsync(migrations[0]);
        Run(file, """
            INSERT INTO Datasets (Name, Root, Origin, State, Message, Classes, ProblemsJson, CountsJson, CreatedAt)
            VALUES ('old photos', '/photos', 'Folder', 'Ready', '', '["cat","dog"]', '[]', '[[8,0,2],[8,0,2]]', 638000000000000000);
            INSERT INTO Runs (Name, DatasetId, DatasetName, RecipeJson, Classes, State, Reason, Phase, StopRequested, Attempt, Machine, Device,
                Precision, CreatedAt, Epochs, StepsPerEpoch, TrainSamples, ValSamples, Epoch, Step, ImagesPerSecond, BestEpoch, BestValAccuracy)
            VALUES ('An old run', 1, 'old photos', '{"dataset":"1"}', '["cat","dog"]', 'Completed', 'All 3 epochs are done', '', 0, 1, 'box', 'cpu',
                'fp32', 638000000000000000, 3, 2, 16, 4, 3, 6, 12.5, 2, 0.875);
            """);
        if (upTo is not null) await db.GetService<IMigrator>().MigrateAsync(upTo);
        return migrations.Count;
    }

    private static void Run(string file, string sql) => Ask(file, sql);

    private static string? Ask(string file, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={file};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar()?.ToString();
    }
}
