using Dashboard.Storage;
using Dashboard.Storage.Upgrades;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Training.Tests.TestKit;
using Training.Tests.TestProcesses;

namespace Training.Tests.Storage;

/// <summary>A start that was killed while it made or upgraded the database: the next one opens, and nothing is lost.</summary>
[Collection(PostgresServer.Name)]
public sealed class KilledUpgradeTests(PostgresServer server) : IDisposable
{
    /// <summary>As EF's lock leaves it when its holder is killed.</summary>
    private const string StaleLock = """
        CREATE TABLE IF NOT EXISTS "__EFMigrationsLock" ("Id" INTEGER NOT NULL CONSTRAINT "PK___EFMigrationsLock" PRIMARY KEY, "Timestamp" TEXT NOT NULL);
        INSERT INTO "__EFMigrationsLock" VALUES (1, '2026-01-01');
        """;

    private readonly TemporaryFolder _root = new();

    private string File => _root.In("dashboard.db");

    [Fact]
    public async Task Start_AfterAFormerVersionsFirstStartWasKilled_Opens()
    {
        Run(StaleLock);

        await using var store = await TestStore.OpenAsync(_root.Path).WaitAsync(TimeSpan.FromMinutes(1));

        await store.QueueAsync("runs again");
        Assert.Equal("0", Ask("SELECT count(*) FROM __EFMigrationsLock"));
    }

    [Fact]
    public async Task Start_AfterAFormerVersionsUpgradeWasKilled_FinishesIt()
    {
        await MakeOldAsync();
        Run(StaleLock);

        await using var store = await TestStore.OpenAsync(_root.Path).WaitAsync(TimeSpan.FromMinutes(1));

        Assert.Equal("An old run", Assert.Single(await store.Runs.ListAsync()).Name);
        Assert.Equal("wal", Ask("PRAGMA journal_mode"));
    }

    [Fact]
    public async Task Start_AfterAnUpgradeWasKilledHalfWay_BeginsItAnew()
    {
        await MakeOldAsync();
        foreach (var suffix in new[] { "", "-wal", "-shm", "-journal" })
            await System.IO.File.WriteAllTextAsync($"{File}.upgrade{suffix}", "half of it");

        await using var store = await TestStore.OpenAsync(_root.Path);

        Assert.Equal("An old run", Assert.Single(await store.Runs.ListAsync()).Name);
        Assert.Empty(Directory.EnumerateFiles(_root.Path, "dashboard.db.upgrade?*").Except([File + ".upgrade-lock"]));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Start_AfterKillsAtAnyMoment_OpensWithWhatWasThere(bool isOld)
    {
        if (isOld) await MakeOldAsync();
        foreach (var milliseconds in new[] { 300, 500, 700, 900, 1200 })
            await DashboardProcess.KillAtStartAsync(_root.Path, TimeSpan.FromMilliseconds(milliseconds), "--Dashboard:TrainHere", "false");

        await using var dashboard = await DashboardProcess.StartAsync(_root.Path, "--Dashboard:TrainHere", "false");

        await using var db = dashboard.Database();
        Assert.Empty(await db.Database.GetPendingMigrationsAsync());
        Assert.Equal(isOld ? ["An old run"] : [], await db.Runs.Select(run => run.Name).ToListAsync());
        Assert.Equal("ok", Ask("PRAGMA integrity_check"));
    }

    [SkippableFact]
    public async Task Start_OverPostgresAfterKillsAtAnyMoment_Opens()
    {
        string[] settings = ["--Dashboard:TrainHere", "false", "--Dashboard:Postgres", await server.NewDatabaseAsync()];
        foreach (var milliseconds in new[] { 600, 900, 1200, 1500 })
            await DashboardProcess.KillAtStartAsync(_root.Path, TimeSpan.FromMilliseconds(milliseconds), settings);

        await using var dashboard = await DashboardProcess.StartAsync(_root.Path, settings);

        using var http = new HttpClient();
        Assert.Contains("[]", await http.GetStringAsync(new Uri(dashboard.Url, "api/runs")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Upgrade_WhileAnotherProcessWorksOnTheFile_SaysForWhomItWaitsAndGoesOnAfterIt()
    {
        await MakeOldAsync();
        using var logs = new LogLines();
        using var factory = LoggerFactory.Create(builder => builder.AddProvider(logs));
        var held = await UpgradeLock.TakeAsync(File, TimeProvider.System, NullLogger.Instance, default);

        var upgrade = Upgrade(factory).RunAsync();
        var said = await Eventually.NotNullAsync(() => Task.FromResult(logs.Of("Dashboard").SingleOrDefault()), "a word about the wait");
        Assert.False(upgrade.IsCompleted);
        held.Dispose();
        await upgrade;

        Assert.Contains($"(process {Environment.ProcessId}, since 2", said, StringComparison.Ordinal);
        Assert.EndsWith("if it hangs, end that process", said, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Upgrade_OfAServerThatAnotherDashboardUpgrades_SaysForWhomItWaits()
    {
        var database = await server.NewDatabaseAsync();
        var options = Options.Create(new DashboardOptions { Postgres = database, Name = "one" });
        using var logs = new LogLines();
        using var factory = LoggerFactory.Create(builder => builder.AddProvider(logs));
        var locks = new DatabaseLocks(options, factory.CreateLogger<DatabaseLocks>());
        var held = await locks.TakeAsync("upgrade", default);

        var other = locks.TakeAsync("upgrade", "the upgrade of the database", default);
        var said = await Eventually.NotNullAsync(() => Task.FromResult(logs.Of("Dashboard").SingleOrDefault()), "a word about the wait");
        Assert.False(other.IsCompleted);
        await held.DisposeAsync();
        await (await other).DisposeAsync();

        Assert.StartsWith("Waiting for the upgrade of the database: “dashboard one” on 127.0.0.1 has it, connected since 2", said,
            StringComparison.Ordinal);
        Assert.Contains("pg_terminate_backend(", said, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        _root.Dispose();
    }

    private DatabaseUpgrade Upgrade(ILoggerFactory logs)
    {
        var options = new DbContextOptionsBuilder<SqliteDb>();
        SqliteDb.Configure(options, File);
        var settings = Options.Create(new DashboardOptions { DataRoot = _root.Path });
        return new(new PlainFactory(options.Options), new DatabaseLocks(settings, NullLogger<DatabaseLocks>.Instance), settings,
            TimeProvider.System, logs.CreateLogger<DatabaseUpgrade>());
    }

    /// <summary>Of the first migration, with a run in it.</summary>
    private async Task MakeOldAsync()
    {
        var options = new DbContextOptionsBuilder<SqliteDb>();
        SqliteDb.Configure(options, File, SqliteOpenMode.ReadWriteCreate);
        await using (var db = new SqliteDb(options.Options)) await db.GetService<IMigrator>()
            .MigrateAsync(db.Database.GetMigrations().First());
        Run("""
            INSERT INTO Runs (Name, DatasetId, DatasetName, RecipeJson, Classes, State, Reason, Phase, StopRequested, Attempt, Machine, Device,
                Precision, CreatedAt, Epochs, StepsPerEpoch, TrainSamples, ValSamples, Epoch, Step, ImagesPerSecond, BestEpoch, BestValAccuracy)
            VALUES ('An old run', 1, 'old photos', '{"dataset":"1"}', '["cat","dog"]', 'Completed', 'All 3 epochs are done', '', 0, 1, 'box', 'cpu',
                'fp32', 638000000000000000, 3, 2, 16, 4, 3, 6, 12.5, 2, 0.875);
            """);
        SqliteConnection.ClearAllPools();
    }

    private void Run(string sql) => Ask(sql);

    private string? Ask(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={File};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar()?.ToString();
    }

    private sealed class PlainFactory(DbContextOptions<SqliteDb> options) : IDbContextFactory<DashboardDb>
    {
        public DashboardDb CreateDbContext() => new SqliteDb(options);
    }
}
