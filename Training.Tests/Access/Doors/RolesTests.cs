using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Dashboard.Access.Accounts;
using Dashboard.Access.Visitors;
using Dashboard.Protocol;
using Dashboard.Storage;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Training.Tests.TestKit;

namespace Training.Tests.Access.Doors;

/// <summary>Every role against every kind of endpoint.</summary>
public sealed class RolesTests(RolesTests.AppOfAll apps) : IClassFixture<RolesTests.AppOfAll>
{
    private static readonly string[] Look =
        ["GET /", "GET /api/runs", "GET /api/datasets", "GET /api/machines", "GET /settings", "GET /thumbs/1/1", "GET /openapi/v1.json",
         $"POST {IProgressHub.Path}/negotiate?negotiateVersion=1", "POST /_blazor/negotiate?negotiateVersion=1", "POST /api/runs/1/predict",
             "GET /not/there"];

    private static readonly string[] Edit =
        ["POST /api/runs", "POST /api/runs/1/stop", "POST /api/runs/1/pause", "POST /api/runs/1/resume", "POST /api/runs/1/clone",
            "DELETE /api/runs/1",
         "POST /api/datasets", "POST /api/datasets/check?bytes=0", "POST /api/datasets/1/rescan", "DELETE /api/datasets/1",
         "POST /api/backbones/none/download", "PUT /api/of/tomorrow", "GET /new"];

    private static readonly string[] Administer = ["GET /accounts"];

    private static readonly string[] Open =
        ["GET /health", "GET /sign-in", "GET /first-account", "GET /assets/css/app.css", "GET /assets/mudblazor/MudBlazor.min.css",
         $"POST {MachineProtocol.Path}/negotiate?negotiateVersion=1", "POST /api/machines/link/of-tomorrow"];

    public static TheoryData<string, AccountRole?, bool> Doors
    {
        get
        {
            var data = new TheoryData<string, AccountRole?, bool>();
            foreach (var role in new AccountRole?[] { null, AccountRole.Viewer, AccountRole.Member, AccountRole.Admin })
            {
                foreach (var call in Open) data.Add(call, role, true);
                foreach (var call in Look) data.Add(call, role, role >= AccountRole.Viewer);
                foreach (var call in Edit) data.Add(call, role, role >= AccountRole.Member);
                foreach (var call in Administer) data.Add(call, role, role >= AccountRole.Admin);
            }
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Doors))]
    public async Task Call_OfARole_PassesOnlyWhereTheRoleMay(string call, AccountRole? role, bool passes)
    {
        var status = (await SendAsync(apps.Of(role), call)).StatusCode;

        var expected = passes ? (HttpStatusCode?)null : role is null ? HttpStatusCode.Unauthorized : HttpStatusCode.Forbidden;
        if (expected is { } refused) Assert.Equal(refused, status);
        else Assert.False(status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.InternalServerError,
            $"{call}: {status}");
    }

    [Fact]
    public void Endpoint_ThatChangesSomething_LeavesItsRightToTheRuleOrNamesAStricterOne()
    {
        var open = apps.App.Services.GetRequiredService<IEnumerable<EndpointDataSource>>().SelectMany(source => source.Endpoints)
            .OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null
                || endpoint.Metadata.GetOrderedMetadata<IAuthorizeData>() is [{ Policy: not (Rights.CanEdit or Rights.CanAdminister) }, ..])
            .Select(endpoint => endpoint.RoutePattern.RawText).Distinct();

        // What is opened wider than the rule is so on purpose.
        Assert.Equal(["/api/runs/{id:int}/predict"], open);
    }

    [Fact]
    public async Task Refusal_OfAStranger_NamesTheRemedy()
    {
        var answer = await SendAsync(apps.Of(null), "GET /api/runs");

        Assert.Equal("Bearer", answer.Headers.WwwAuthenticate.ToString());
        Assert.Contains("Authorization: Bearer", await DetailAsync(answer), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refusal_OfARole_NamesTheOneThatIsNeeded() =>
        Assert.StartsWith("This needs the role member, and “a Viewer of ",
            await DetailAsync(await SendAsync(apps.Of(AccountRole.Viewer), "DELETE /api/runs/1")), StringComparison.Ordinal);

    [Fact]
    public async Task Page_ThatARoleMayNotSee_SaysSoWithoutItsContent()
    {
        var request = new HttpRequestMessage(HttpMethod.Get, AccountPaths.Accounts) { Headers = { { "Accept", "text/html" } } };
        var answer = await apps.Of(AccountRole.Member).SendAsync(request);
        var html = await answer.Content.ReadAsStringAsync();

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Contains("This is not open to you", html, StringComparison.Ordinal);
        Assert.DoesNotContain("Add somebody", html, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/health/../api/runs/1")]
    [InlineData("/health/../api/runs")]
    [InlineData("/assets/..%2fapi/runs")]
    [InlineData("/HEALTHY")]
    [InlineData("/sign-inside")]
    [InlineData("//api/runs")]
    public async Task Path_ThatOnlyLooksOpen_IsNot(string path)
    {
        await using var app = DashboardApp.Listening();
        using var client = new HttpClient();
        var address = new Uri(app.Url.GetLeftPart(UriPartial.Authority) + path,
            new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        using var request = new HttpRequestMessage(HttpMethod.Get, address) { Headers = { Host = "box.example" } };

        var answer = await client.SendAsync(request);

        Assert.True(answer.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.NotFound, answer.StatusCode.ToString());
    }

    private static Task<HttpResponseMessage> SendAsync(HttpClient client, string call)
    {
        var parts = call.Split(' ');
        return client.SendAsync(new HttpRequestMessage(new HttpMethod(parts[0]), parts[1])
        {
            Content = parts[1].EndsWith("/predict", StringComparison.Ordinal)
                ? new ByteArrayContent([1]) { Headers = { ContentType = new("image/png") } }
                : parts[0] is "POST" or "PUT" ? JsonContent.Create(new { }) : null,
        });
    }

    private static async Task<string> DetailAsync(HttpResponseMessage answer) =>
        (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("detail").GetString()!;

    public sealed class AppOfAll : IAsyncLifetime
    {
        private readonly Dictionary<AccountRole, HttpClient> _programs = [];
        private int _strangers;

        public DashboardApp App { get; } = Elsewhere.App();

        /// <summary>Each stranger comes from an address of its own, or they would be too many from one.</summary>
        public HttpClient Of(AccountRole? role) =>
            role is { } known ? _programs[known] : Elsewhere.ClientOf(App, $"198.51.100.{++_strangers % 250}");

        public async Task InitializeAsync()
        {
            foreach (var role in Enum.GetValues<AccountRole>()) _programs[role] = await Elsewhere.ProgramAsync(App, role);
        }

        public async Task DisposeAsync() => await App.DisposeAsync();
    }
}
