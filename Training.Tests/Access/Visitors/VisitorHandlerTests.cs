using System.Globalization;
using System.Net;
using Microsoft.Extensions.Logging;
using Training.Tests.TestKit;

namespace Training.Tests.Access.Visitors;

public sealed class VisitorHandlerTests : IAsyncDisposable
{
    private readonly DashboardApp _app = Elsewhere.App(new Dictionary<string, string>
    {
        ["Logging:LogLevel:Default"] = "Information",
        ["Logging:LogLevel:Microsoft.AspNetCore"] = "Information",
    });

    private readonly LogLines _lines = new(LogLevel.Information);

    public VisitorHandlerTests() => _app.Get<ILoggerFactory>().AddProvider(_lines);

    [Theory]
    [InlineData("/api/runs/")]
    [InlineData("/api/machines/link/runs/1/attempts/1/images/")]
    [InlineData("/api/machines/link/runs/1/attempts/1/files/")]
    public async Task Token_ThatIsNotKnown_StandsInTheLogOnceForASender(string path)
    {
        foreach (var address in new[] { "192.0.2.7", "192.0.2.8" })
        {
            using var program = Elsewhere.ClientOf(_app, address);
            program.DefaultRequestHeaders.Authorization = new("Bearer", "of-a-machine-that-was-removed");
            for (var i = 0; i < 40; i++)
            {
                var answer = await program.GetAsync(path + i.ToString(CultureInfo.InvariantCulture));
                Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
            }
        }

        var told = _lines.Of("Dashboard.");
        Assert.Equal(2, told.Count);
        Assert.Single(told, line => line.Contains("192.0.2.7", StringComparison.Ordinal));
        Assert.Empty(_lines.Of("Microsoft.AspNetCore.Auth"));
        // What is counted can be heard: every request is told of elsewhere.
        Assert.NotEmpty(_lines.Of("Microsoft.AspNetCore"));
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _lines.Dispose();
    }
}
