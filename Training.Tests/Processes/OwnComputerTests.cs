using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Dashboard.Processes;
using Dashboard.Storage;
using Training.Tests.TestKit;
using Training.Tests.TestProcesses;

namespace Training.Tests.Processes;

public sealed class OwnComputerTests : IDisposable
{
    private const string Nobody = "no-proxy.invalid";

    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("http://127.0.0.1:5080/", true)]
    [InlineData("http://localhost:5080/", true)]
    [InlineData("https://[::1]:5443/", true)]
    [InlineData("http://gpu-box:5080/", false)]
    [InlineData("https://example.com/", false)]
    public void Address_OfThisComputer_IsReachedWithoutTheProxy(string address, bool isDirect)
    {
        var proxy = new OwnComputer(new WebProxy("http://proxy:3128"));

        Assert.Equal(isDirect, proxy.IsBypassed(new Uri(address)));
        Assert.Equal(isDirect ? null : new Uri("http://proxy:3128"), proxy.GetProxy(new Uri(address)));
    }

    /// <summary>What goes over the proxy fails, since there is none of that name.</summary>
    [Fact]
    public async Task Run_WhereTheEnvironmentNamesAProxy_Trains()
    {
        var environment = new[] { "http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy" }
            .ToDictionary(name => name, _ => $"http://{Nobody}:3128");
        foreach (var name in new[] { "no_proxy", "NO_PROXY" }) environment[name] = "";
        await using var dashboard = await DashboardProcess.StartAsync(_folder.Path, environment, "--Dashboard:DemoDataset", "true");
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = dashboard.Url };
        await Eventually.TrueAsync(async () => (await http.GetStringAsync("health")).Contains("healthy", StringComparison.Ordinal),
            "the demo set can be used");

        using var answer = await http.PostAsJsonAsync("api/runs", new { dataset = "Shapes (demo)", mode = "transfer", epochs = 1 });
        var run = await new StoredRun(_folder.Path, (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetInt32())
            .EndAsync();

        Assert.Equal(RunState.Completed, run.State);
        // Without the dashboard it would have trained too, and delivered late.
        Assert.DoesNotContain(Nobody,
            await File.ReadAllTextAsync(new DashboardOptions { DataRoot = _folder.Path }.RunFolder(run.Id).TrainerLog),
            StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();
}
