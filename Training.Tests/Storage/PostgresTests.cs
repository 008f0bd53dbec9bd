using Dashboard.Storage;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Training.Tests.Datasets;
using Training.Tests.Runs;
using Training.Tests.TestKit;

namespace Training.Tests.Storage;

[Collection(PostgresServer.Name)]
public sealed class RunStoreOnPostgresTests(PostgresServer server) : RunStoreTests
{
    protected override Task<string> NewDatabaseAsync() => server.NewDatabaseAsync();
}

[Collection(PostgresServer.Name)]
public sealed class RunStoreApplyOnPostgresTests(PostgresServer server) : RunStoreApplyTests
{
    protected override Task<string> NewDatabaseAsync() => server.NewDatabaseAsync();
}

[Collection(PostgresServer.Name)]
public sealed class DatasetStoreOnPostgresTests(PostgresServer server) : DatasetStoreTests
{
    protected override Task<string> NewDatabaseAsync() => server.NewDatabaseAsync();
}

/// <summary>What only a real server shows.</summary>
[Collection(PostgresServer.Name)]
public sealed class PostgresTests(PostgresServer server)
{
    [SkippableFact]
    public async Task Upgrade_OfAnEmptyDatabase_MakesEveryTableAndASecondStartChangesNothing()
    {
        var database = await server.NewDatabaseAsync();
        await using var first = await TestStore.OpenAsync(postgres: database);
        await first.QueueAsync("kept");

        await using var second = await TestStore.OpenAsync(postgres: database);

        Assert.Equal("kept", Assert.Single(await second.Runs.ListAsync()).Name);
        await using var db = second.Database();
        Assert.IsType<PostgresDb>(db);
        Assert.Empty(await db.Database.GetPendingMigrationsAsync());
        Assert.Equal(0, await db.Datasets.CountAsync() + await db.Samples.CountAsync() + await db.Steps.CountAsync()
            + await db.Epochs.CountAsync() + await db.Logs.CountAsync());
        Assert.Empty(Directory.EnumerateFileSystemEntries(second.DataRoot));
    }

    [SkippableFact]
    public async Task Upgrade_OfANewerDatabase_IsRefused()
    {
        var database = await server.NewDatabaseAsync();
        await using (await TestStore.OpenAsync(postgres: database)) await ExecuteAsync(database, """INSERT INTO "__EFMigrationsHistory" VALUES ('29990101000000_Future', '99.0')""");

        var refused = await Assert.ThrowsAsync<StorageException>(() => TestStore.OpenAsync(postgres: database));

        Assert.Contains("newer version of the dashboard (29990101000000_Future)", refused.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Upgrade_WithoutSuchADatabase_NamesIt()
    {
        var database = new NpgsqlConnectionStringBuilder(await server.NewDatabaseAsync()) { Database = "elsewhere", Username = "nobody" };

        var refused = await Assert.ThrowsAsync<StorageException>(() => TestStore.OpenAsync(postgres: database.ToString()));

        Assert.Contains($"127.0.0.1:{database.Port}/elsewhere (setting Dashboard:Postgres)", refused.Message, StringComparison.Ordinal);
    }

    /// <summary>Each dashboard has gates of its own; between two of them only the database keeps order.</summary>
    [SkippableFact]
    public async Task TakeNext_ByTwoDashboards_GivesEachRunOnce()
    {
        var database = await server.NewDatabaseAsync();
        await using var one = await TestStore.OpenAsync(postgres: database);
        await using var other = await TestStore.OpenAsync(postgres: database);
        for (var i = 0; i < 20; i++) await one.QueueAsync($"run {i}");

        var taken = await Task.WhenAll(Enumerable.Range(0, 30).Select(i =>
            Task.Run(() => (i % 2 == 0 ? one : other).Runs.TakeNextAsync($"box {i}", "hash"))));

        Assert.Equal(20, taken.OfType<RunRow>().Select(run => run.Id).Distinct().Count());
        Assert.Equal(10, taken.Count(run => run is null));
        await using var db = one.Database();
        Assert.Equal(20, await db.Attempts.CountAsync());
    }

    [SkippableFact]
    public async Task Apply_TheSameEntriesByTwoDashboards_StoresThemOnce()
    {
        var database = await server.NewDatabaseAsync();
        await using var one = await TestStore.OpenAsync(postgres: database);
        await using var other = await TestStore.OpenAsync(postgres: database);
        var run = await one.TrainingAsync();
        var entries = one.Entries(2, TestStore.Steps(1, 500));

        // A trainer whose connection broke sends again what is still being stored: to the same dashboard or to the next.
        var stored = await Task.WhenAll(Enumerable.Range(0, 10).Select(i =>
            Task.Run(() => (i % 2 == 0 ? one : other).Runs.ApplyAsync(run.Id, 1, [.. entries.Take(50 * (i + 1))]))));

        Assert.Equal(501, stored.Max());
        Assert.Equal(Enumerable.Range(1, 500), (await other.Runs.StepsAsync(run.Id, 0, 1000)).Select(step => step.Step));
    }

    [SkippableFact]
    public async Task App_OverPostgres_TellsARunsStoryInTheApi()
    {
        await using var app =
            new DashboardApp(settings: new Dictionary<string, string> { ["Dashboard:Postgres"] = await server.NewDatabaseAsync() });
        using var client = app.CreateClient();
        var run = await new RunBuilder(app) { Images = false }.BuildAsync();

        Assert.Contains("\"completed\"", await client.GetStringAsync($"/api/runs/{run.Id}"), StringComparison.Ordinal);
        Assert.Contains("\"valAccuracy\"", await client.GetStringAsync($"/api/runs/{run.Id}/metrics"), StringComparison.Ordinal);
        Assert.True((await client.DeleteAsync($"/api/runs/{run.Id}")).IsSuccessStatusCode);
        Assert.False(File.Exists(Path.Combine(app.DataRoot, "dashboard.db")));
    }

    private static async Task ExecuteAsync(string database, string sql)
    {
        await using var connection = new NpgsqlConnection(database);
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }
}
