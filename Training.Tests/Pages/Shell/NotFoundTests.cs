using System.Net;
using System.Net.Http.Headers;
using Training.Tests.TestKit;

namespace Training.Tests.Pages.Shell;

public sealed class NotFoundTests
{
    [Theory]
    [InlineData("/runs/99")]
    [InlineData("/nothing/here")]
    public async Task Page_ThatIsNotThere_Is404WithAPageForPeople(string path)
    {
        await using var app = new DashboardApp();
        using var client = app.CreateClient();
        client.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("text/html"));

        using var answer = await client.GetAsync(new Uri(path, UriKind.Relative));

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        var html = await answer.Content.ReadAsStringAsync();
        Assert.Contains("There is no such page", html, StringComparison.Ordinal);
        Assert.Contains("href=\"/\"", html, StringComparison.Ordinal);
    }
}
