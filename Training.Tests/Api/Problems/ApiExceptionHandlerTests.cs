using System.Net;
using System.Text.Json;
using Dashboard.Access.Accounts;
using Dashboard.Dispatch.RateSearch;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Training.Tests.TestKit;

namespace Training.Tests.Api.Problems;

/// <summary>What comes of an exception that nobody caught, in the whole app.</summary>
public sealed class ApiExceptionHandlerTests
{
    private const string Nowhere = "/api/nowhere";

    private readonly LogLines _log = new();

    [Fact]
    public async Task Refusal_OfAField_Is400WithItsWordsBesideTheField()
    {
        var (status, problem) = await AnswerAsync(new AccountException("name", "Give a name of 1 to 64 characters."));

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal("Give a name of 1 to 64 characters.", problem.GetProperty("errors").GetProperty("name")[0].GetString());
    }

    [Fact]
    public async Task Refusal_OfNoField_Is409WithItsWords()
    {
        var (status, problem) = await AnswerAsync(new RateSearchException("Another search is under way."));

        Assert.Equal(HttpStatusCode.Conflict, status);
        Assert.Equal("Another search is under way.", problem.GetProperty("detail").GetString());
    }

    [Theory]
    [InlineData(typeof(InvalidOperationException))]
    [InlineData(typeof(KeyNotFoundException))]
    [InlineData(typeof(NotSupportedException))]
    public async Task Fault_OfTheProgram_Is500ThatNamesTheLogAndKeepsItsText(Type fault)
    {
        var (status, problem) = await AnswerAsync((Exception)Activator.CreateInstance(fault, "Sequence contains no secret")!);

        Assert.Equal(HttpStatusCode.InternalServerError, status);
        var detail = problem.GetProperty("detail").GetString()!;
        Assert.StartsWith("This is a fault of the dashboard. Its log, which it prints where it was started, has the reason under ", detail,
            StringComparison.Ordinal);
        Assert.DoesNotContain("secret", problem.GetRawText(), StringComparison.Ordinal);
        var reference = detail.Split(' ')[^1].TrimEnd('.');
        Assert.Contains(_log.Of("Dashboard.Api.Problems"), line => line.Contains(reference, StringComparison.Ordinal));
    }

    private async Task<(HttpStatusCode Status, JsonElement Problem)> AnswerAsync(Exception thrown)
    {
        await using var app = new DashboardApp(services: services => services
            .AddSingleton<ILoggerProvider>(_log).AddSingleton<IStartupFilter>(new Thrower(thrown)));
        using var client = app.CreateClient();
        using var response = await client.GetAsync(new Uri(Nowhere, UriKind.Relative));
        return (response.StatusCode, JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement);
    }

    /// <summary>Behind everything, as an endpoint is.</summary>
    private sealed class Thrower(Exception thrown) : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            next(app);
            app.Use(Throw);
        };

        private RequestDelegate Throw(RequestDelegate next) => context => context.Request.Path == Nowhere ? throw thrown : next(context);
    }
}
