using Dashboard.Runs;
using Dashboard.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Training.Core.Runs;
using Training.Tests.Storage;
using Training.Tests.TestKit;
using Training.Tests.TestProcesses;

namespace Training.Tests.Dispatch.Agent;

/// <summary>The dashboard is replaced by a later version, with another form of the database, while a machine trains for it.</summary>
public sealed class AgentUpgradeTests : AgentStory
{
    [Fact]
    public async Task Dashboard_UpgradedInTheMiddleOfARun_MigratesAndTheSameTrainerGoesOn()
    {
        await BeginAsync(epochs: 10_000);
        await using var network = new CutProxy(_dashboard.Url);
        Start(_one, "box one", network.Url);
        await StepsAsync(5);
        var trainer = await Stored.TrainerAsync();

        await _dashboard.KillAsync();
        var before = JournalEnd();
        await Eventually.TrueAsync(() => JournalEnd() > before + 20, "the training goes on while the dashboard is away");
        var known = (await Stored.GetAsync()).Step;
        await using (var later = DashboardApp.Listening(dataRoot: _root.Path, services: services =>
            services.AddSingleton<IDbContextFactory<DashboardDb>>(new NextVersion<GoodMigration>(_root.In("dashboard.db")))))
        {
            network.Target = later.Url;
            await StepsAsync(known + 30);

            Assert.Single(Directory.GetFiles(_root.Path, "dashboard.db.before-upgrade-*"));
            await using (var db = later.Database())
                Assert.Equal("new in this version", await db.Database.SqlQuery<string>($"SELECT Note AS Value FROM Runs").SingleAsync());
            Assert.True(trainer.IsAlive);
            Assert.Equal(1, (await Stored.GetAsync()).Attempt);
            await later.Get<RunService>().StopAsync(Run);
            await Stored.EndAsync();
        }
        await Stored.AssertNoStepIsMissingOrDoubledAsync();
    }

    private long JournalEnd() => Journal.Read(new DashboardOptions { DataRoot = _one.Path }.RunFolder(Run).Journal(1))[^1].Sequence;
}
