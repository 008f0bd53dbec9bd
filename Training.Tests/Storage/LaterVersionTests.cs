using Dashboard.Storage;
using Dashboard.Storage.Upgrades;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Training.Tests.TestKit;

namespace Training.Tests.Storage;

/// <summary>A later version of the dashboard meets the SQLite file of this one.</summary>
public sealed class LaterVersionTests : IDisposable
{
    private readonly TemporaryFolder _root = new();

    private string File => _root.In("dashboard.db");

    private string[] Copies => Directory.GetFiles(_root.Path, "dashboard.db.before-upgrade-*");

    [Fact]
    public async Task Upgrade_ByALaterVersion_KeepsTheRowsAndACopyAsItWas()
    {
        await AddRunAsync();

        await UpgradeAsync<GoodMigration>();

        Assert.Equal("of long ago|new in this version", Ask(File, "SELECT Name || '|' || Note FROM Runs"));
        var copy = Assert.Single(Copies);
        Assert.Equal("of long ago", Ask(copy, "SELECT Name FROM Runs"));
        Assert.Equal("0", Ask(copy, "SELECT count(*) FROM pragma_table_info('Runs') WHERE name = 'Note'"));
        Assert.Equal("ok", Ask(copy, "PRAGMA integrity_check"));
    }

    [Fact]
    public async Task Upgrade_Twice_MakesNoSecondCopy()
    {
        await AddRunAsync();
        await UpgradeAsync<GoodMigration>();

        await UpgradeAsync<GoodMigration>();

        Assert.Single(Copies);
    }

    [Fact]
    public async Task Upgrade_ThatFails_LeavesAFileThatThisVersionGoesOnWith()
    {
        await AddRunAsync();

        var refused = await Assert.ThrowsAsync<StorageException>(UpgradeAsync<BrokenMigration>);

        Assert.StartsWith($"The database {File} could not be upgraded: ", refused.Message, StringComparison.Ordinal);
        Assert.Contains("NoSuchTable", refused.Message, StringComparison.Ordinal);
        Assert.EndsWith("It is as it was: the former version of the dashboard can go on with it.", refused.Message,
            StringComparison.Ordinal);
        Assert.Equal(["dashboard.db", "dashboard.db.upgrade-lock"], Directory.EnumerateFiles(_root.Path).Select(Path.GetFileName).Order());
        await using var store = await TestStore.OpenAsync(_root.Path);
        Assert.Equal("of long ago", Assert.Single(await store.Runs.ListAsync()).Name);
        await store.TrainingAsync("goes on");
    }

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        _root.Dispose();
    }

    private async Task AddRunAsync()
    {
        await using var store = await TestStore.OpenAsync(_root.Path);
        var run = await store.TrainingAsync("of long ago");
        await store.Runs.FailAsync(run.Id, 1, "gone");
    }

    private Task UpgradeAsync<T>() where T : Migration => new DatabaseUpgrade(
        new NextVersion<T>(File), new DatabaseLocks(Options.Create(new DashboardOptions()), NullLogger<DatabaseLocks>.Instance),
        Options.Create(new DashboardOptions { DataRoot = _root.Path }), TimeProvider.System,
        NullLogger<DatabaseUpgrade>.Instance).RunAsync();

    private static string? Ask(string file, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={file};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar()?.ToString();
    }
}
