using Dashboard.Dispatch;
using Dashboard.Machines;
using Dashboard.Storage;
using Dashboard.Storage.Upgrades;
using Training.Tests.TestKit;

namespace Training.Tests.Machines;

public sealed class MachineStoreTests
{
    [Fact]
    public async Task Join_WithAToken_GivesTheMachineASecretOfItsOwnThatOnlyOpensThatMachine()
    {
        await using var app = new DashboardApp();
        var store = await StoreAsync(app);
        var token = await store.CreateTokenAsync("lab");

        var (one, _) = await store.JoinAsync(token, "one", "1");
        var (two, _) = await store.JoinAsync(token, "two", "1");

        Assert.Equal("one", (await store.AuthenticateAsync(one!))!.Name);
        Assert.Equal("two", (await store.AuthenticateAsync(two!))!.Name);
        Assert.Null(await store.AuthenticateAsync(token));
        Assert.Null(await store.AuthenticateAsync(""));
        await using var db = app.Database();
        Assert.DoesNotContain(db.Machines, row => row.KeyHash == one);
        Assert.DoesNotContain(db.JoinTokens, row => row.TokenHash == token);
    }

    [Fact]
    public async Task Join_WithARevokedToken_IsRefusedAndMachinesThatDidJoinStay()
    {
        await using var app = new DashboardApp();
        var store = await StoreAsync(app);
        var token = await store.CreateTokenAsync("lab");
        var (key, _) = await store.JoinAsync(token, "one", "1");

        Assert.True(await store.RevokeTokenAsync(Assert.Single(await store.TokensAsync()).Id));
        var (none, refusal) = await store.JoinAsync(token, "two", "1");

        Assert.Null(none);
        Assert.Contains("revoked", refusal, StringComparison.Ordinal);
        Assert.NotNull(await store.AuthenticateAsync(key!));
    }

    [Theory]
    [InlineData("one", "There is a machine “one” already")]
    [InlineData("", "can't be a machine's name")]
    [InlineData("any", "can't be a machine's name")]
    [InlineData("a\nb", "can't be a machine's name")]
    public async Task Join_UnderANameThatCantBe_IsRefusedInWords(string name, string words)
    {
        await using var app = new DashboardApp();
        var store = await StoreAsync(app);
        var token = await store.CreateTokenAsync("lab");
        await store.JoinAsync(token, "one", "1");

        var (key, refusal) = await store.JoinAsync(token, name, "1");

        Assert.Null(key);
        Assert.Contains(words, refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Remove_ClosesTheSecretAndItsNameMayJoinAgain()
    {
        await using var app = new DashboardApp();
        var store = await StoreAsync(app);
        var token = await store.CreateTokenAsync("lab");
        var (key, _) = await store.JoinAsync(token, "one", "1");
        await store.SetModeAsync("one", MachineMode.Draining);

        Assert.False(await store.TakesRunsAsync("one"));
        Assert.True(await store.RemoveAsync("one"));
        Assert.Null(await store.AuthenticateAsync(key!));
        Assert.Empty(await store.ListAsync());
        Assert.NotNull((await store.JoinAsync(token, "one", "2")).Key);
        Assert.True(await store.TakesRunsAsync("one"));
    }

    [Fact]
    public async Task Machine_ThatIsAway_IsListedWithSinceWhenAndItsLeaseHasALowerLimit()
    {
        await using var app = new DashboardApp();
        var store = await StoreAsync(app);
        await store.JoinAsync(await store.CreateTokenAsync("lab"), "away", "1");

        var machine = Assert.Single(await app.Get<MachineService>().ListAsync());

        Assert.NotNull(machine.AwaySince);
        Assert.Null(machine.Report);
        Assert.True(await store.SetLeaseAsync("away", TimeSpan.FromSeconds(1)));
        Assert.Equal(15, (await store.GetAsync("away"))!.LeaseSeconds);
    }

    private static async Task<MachineStore> StoreAsync(DashboardApp app)
    {
        var store = app.Get<MachineStore>();
        await app.Get<DatabaseUpgrade>().RunAsync();
        return store;
    }
}
