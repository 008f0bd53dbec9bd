using System.Net;
using Dashboard.Access.Accounts;
using Dashboard.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Training.Tests.TestKit;

/// <summary>Calls an app as if from another computer.</summary>
public static class Elsewhere
{
    public const string Address = "192.0.2.7", Password = "correct horse battery";

    private const string Header = "Test-Address";

    /// <summary>Every request of a client of <see cref="ClientOf"/> comes from the address that it names.</summary>
    public static DashboardApp App(IReadOnlyDictionary<string, string>? settings = null) =>
        new(settings: settings, services: services => services.AddSingleton<IStartupFilter, AddressFilter>());

    /// <summary>Keeps cookies; follows no redirects.</summary>
    public static HttpClient ClientOf(DashboardApp app, string address = Address, string host = "box.example")
    {
        var client = app.CreateClient(
            new WebApplicationFactoryClientOptions { BaseAddress = new Uri($"http://{host}"), AllowAutoRedirect = false });
        client.DefaultRequestHeaders.Add(Header, address);
        return client;
    }

    /// <summary>A program from elsewhere with a token of this role.</summary>
    public static async Task<HttpClient> ProgramAsync(DashboardApp app, AccountRole role)
    {
        var client = ClientOf(app);
        client.DefaultRequestHeaders.Authorization = new("Bearer",
            await app.Get<ApiTokens>().MakeAsync($"a {role} of {Guid.NewGuid():N}", role, "a test"));
        return client;
    }

    /// <summary>After an admin "first" where there is nobody yet and the role is another: the first account is always an admin's.</summary>
    public static async Task<AccountRow> AccountAsync(DashboardApp app, AccountRole role, string name = "ada")
    {
        var accounts = app.Get<AccountStore>();
        if (role != AccountRole.Admin && !await accounts.AnyAsync()) await accounts.AddAsync("first", Password, AccountRole.Admin);
        return await accounts.AddAsync(name, Password, role);
    }

    /// <summary>Fills in a page's form.</summary>
    public static async Task<HttpResponseMessage> PostFormAsync(HttpClient client, string page, params (string Name, string Value)[] fields)
    {
        var html = await client.GetStringAsync(page);
        var hidden = System.Text.RegularExpressions.Regex.Matches(html, """<input type="hidden" name="([^"]+)" value="([^"]*)" ?/?>""")
            .Select(match => KeyValuePair.Create(match.Groups[1].Value, WebUtility.HtmlDecode(match.Groups[2].Value)));
        return await client.PostAsync(page,
            new FormUrlEncodedContent([.. hidden, .. fields.Select(field => KeyValuePair.Create(field.Name, field.Value))]));
    }

    public static Task<HttpResponseMessage> SignInAsync(
        HttpClient client, string name = "ada", string password = Password, string page = "/sign-in") =>
        PostFormAsync(client, page, ("Given.Name", name), ("Given.Password", password));

    private sealed class AddressFilter : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.Use((context, goOn) =>
            {
                if (context.Request.Headers[Header] is [{ } address]) context.Connection.RemoteIpAddress = IPAddress.Parse(address);
                return goOn(context);
            });
            next(app);
        };
    }
}
