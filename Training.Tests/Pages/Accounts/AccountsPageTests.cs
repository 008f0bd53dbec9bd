using Bunit;
using Dashboard.Access.Accounts;
using Dashboard.Pages.Accounts;
using Dashboard.Storage;
using Training.Tests.TestKit;

namespace Training.Tests.Pages.Accounts;

public sealed class AccountsPageTests : ComponentTests
{
    private AccountStore Store => App.Get<AccountStore>();

    [Fact]
    public async Task Form_WhileThereIsNobody_OffersAdminOnlyAndSaysWhy()
    {
        var page = Render<AccountsPage>();

        var role = page.Find("form[aria-label='Add somebody'] select");
        Assert.Equal(["Admin"], role.QuerySelectorAll("option").Select(option => option.TextContent));
        Assert.Contains("only admins can add others",
            page.Find("#" + role.GetAttribute("aria-describedby")).TextContent, StringComparison.Ordinal);

        await AddAsync(page, "ada");

        Assert.Equal(AccountRole.Admin, Assert.Single(await Store.ListAsync()).Role);
    }

    [Fact]
    public async Task Form_AfterTheFirst_OffersAllRolesAndMemberFirst()
    {
        var page = Render<AccountsPage>();
        await AddAsync(page, "ada");

        var role = page.Find("form[aria-label='Add somebody'] select");
        Assert.Equal(["Viewer", "Member", "Admin"], role.QuerySelectorAll("option").Select(option => option.TextContent));
        Assert.Null(role.GetAttribute("aria-describedby"));
        await AddAsync(page, "bob");

        Assert.Equal([AccountRole.Admin, AccountRole.Member], (await Store.ListAsync()).Select(account => account.Role));
    }

    [Theory]
    [InlineData(AccountRole.Viewer)]
    [InlineData(AccountRole.Member)]
    public async Task FirstAccount_ThatIsNoAdmin_IsRefusedWithWords(AccountRole role)
    {
        var refused = await Assert.ThrowsAsync<AccountException>(() => Store.AddAsync("bob", Elsewhere.Password, role));

        Assert.Equal("role", refused.Field);
        Assert.Contains("The first account is an admin's", refused.Message, StringComparison.Ordinal);
        Assert.Empty(await Store.ListAsync());
    }

    private static async Task AddAsync(IRenderedComponent<AccountsPage> page, string name)
    {
        var before = page.FindAll("tbody tr").Count;
        await page.Find("form[aria-label='Add somebody'] input[aria-label='Name']").ChangeAsync(new() { Value = name });
        await page.Find("form[aria-label='Add somebody'] input[type=password]").ChangeAsync(new() { Value = Elsewhere.Password });
        await page.Find("form[aria-label='Add somebody']").SubmitAsync();
        page.WaitForState(() => page.FindAll("tbody tr").Count > before);
    }
}
