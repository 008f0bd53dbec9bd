using Bunit;
using Dashboard.Machines;
using Dashboard.Pages.Machines;
using Training.Tests.TestKit;

namespace Training.Tests.Pages.Machines;

public sealed class JoinMachineTests : ComponentTests
{
    private MachineStore Store => App.Get<MachineStore>();

    [Fact]
    public async Task Machine_ThatJoinsWithTheCommandShown_IsNamedAtOnceAndTheTokenIsUsed()
    {
        await Store.JoinAsync(await Store.CreateTokenAsync("of long ago"), "box1", "1");
        var page = Render<JoinMachine>();
        await page.Find("input").InputAsync(new() { Value = "the lab" });
        await page.Find("form").SubmitAsync();
        page.WaitForState(() => page.FindAll("code").Count > 0);
        Assert.Contains("Waiting for the machine", page.Find("[role=status]").TextContent, StringComparison.Ordinal);
        Assert.Equal("never", UseOf(page, "the lab"));

        await Store.JoinAsync(TokenOf(page), "box2", "1");

        page.WaitForAssertion(() => Assert.Contains("Joined: box2.", page.Find("[role=status]").TextContent, StringComparison.Ordinal),
            TimeSpan.FromSeconds(30));
        Assert.Equal("just now", UseOf(page, "the lab"));
    }

    [Fact]
    public async Task Machine_ThatJoinsWithAnotherToken_IsNotTheOneThatIsWaitedFor()
    {
        var other = await Store.CreateTokenAsync("another");
        var page = Render<JoinMachine>();
        await page.Find("input").InputAsync(new() { Value = "the lab" });
        await page.Find("form").SubmitAsync();
        page.WaitForState(() => page.FindAll("code").Count > 0);

        await Store.JoinAsync(other, "box3", "1");

        page.WaitForState(() => UseOf(page, "another") == "just now", TimeSpan.FromSeconds(30));
        Assert.Contains("Waiting for the machine", page.Find("[role=status]").TextContent, StringComparison.Ordinal);
    }

    private static string TokenOf(IRenderedComponent<JoinMachine> page) => page.Find("code").TextContent.Split("--token ")[1];

    private static string UseOf(IRenderedComponent<JoinMachine> page, string token) =>
        page.FindAll("tbody tr").Single(row => row.Children[0].TextContent == token).Children[2].TextContent;
}
