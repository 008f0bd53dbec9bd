using System.Net;
using System.Net.Sockets;
using Training.Tests.TestKit;
using Training.Tests.TestProcesses;

namespace Training.Tests;

public sealed class StartProblemTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task Start_OnAPortThatIsTaken_EndsWithOneSentenceAndTouchesNothing()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;

        var (exitCode, output) = await DashboardProcess.StartInVainAsync(_folder.In("data"), "--urls", $"http://127.0.0.1:{port}");

        Assert.NotEqual(0, exitCode);
        Assert.StartsWith($"Port {port} is taken by another program, maybe by a dashboard that runs already: look at "
            + $"http://127.0.0.1:{port}, or start with --urls http://127.0.0.1:", output, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', output);
        Assert.False(Directory.Exists(_folder.In("data")));
    }

    [Fact]
    public async Task Start_OverADataRootInUse_EndsWithOneSentence()
    {
        await using var first = await DashboardProcess.StartAsync(_folder.Path, "--Dashboard:TrainHere", "false");

        var (exitCode, output) = await DashboardProcess.StartInVainAsync(_folder.Path, "--Dashboard:TrainHere", "false");

        Assert.NotEqual(0, exitCode);
        Assert.StartsWith($"Another dashboard already uses the data root {_folder.Path}.", output, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', output);
    }

    [Fact]
    public async Task Start_WithWrongSettings_NamesAllOfThemAtOnce()
    {
        var (exitCode, output) = await DashboardProcess.StartInVainAsync(
            _folder.Path, "--Dashboard:TrainHere", "perhaps", "--Dashboard:MaxZipEntries", "0", "--Dashboard:DataRot", "/data");

        Assert.NotEqual(0, exitCode);
        Assert.Equal(3, output.Split('\n').Length);
        Assert.All(output.Split('\n'), line => Assert.StartsWith("Dashboard:", line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Start_OnWhatIsNoAddress_SaysHowOneLooks()
    {
        var (exitCode, output) = await DashboardProcess.StartInVainAsync(_folder.Path, "--urls", "5080");

        Assert.NotEqual(0, exitCode);
        Assert.Equal("'5080' is not an address to listen on. Start with --urls http://127.0.0.1:5080.", output);
    }

    [Theory]
    [InlineData("'http://127.0.0.1:70000': ports go from 1 to 65535", "--urls", "http://127.0.0.1:70000")]
    [InlineData("192.0.2.1 is not an address of this computer.", "--urls", "http://192.0.2.1:5080")]
    [InlineData("'--url' is not a setting.", "--url", "http://0.0.0.0:5080")]
    [InlineData("Dashboard:Postgres: ", "--Dashboard:Postgres", "Hst=db")]
    [InlineData("Dashboard:DatasetFolders: there is no folder /nowhere.", "--Dashboard:DatasetFolders", "/nowhere")]
    public async Task Start_ThatCantBe_EndsWithOneSentenceAndExitCode2(string words, params string[] arguments)
    {
        var (exitCode, output) = await DashboardProcess.StartInVainAsync(_folder.In("data"), arguments);

        Assert.StartsWith(words, output, StringComparison.Ordinal);
        Assert.DoesNotContain("\n", output, StringComparison.Ordinal);
        Assert.Equal(2, exitCode);
        Assert.False(File.Exists(_folder.In("data", "dashboard.db")));
    }

    [Fact]
    public async Task Start_WithACertificateOfTheServersOwnSettingsThatCantBeRead_EndsInWords()
    {
        var (exitCode, output) = await DashboardProcess.StartInVainAsync(
            _folder.In("data"), "--Dashboard:TrainHere", "false", "--urls", "https://127.0.0.1:0", "--Kestrel:Certificates:Default:Path",
            _folder.In("gone.pfx"));

        Assert.Equal(2, exitCode);
        Assert.Contains("gone.pfx", output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_OverADataRootThatCantBeMade_EndsWithOneSentence()
    {
        await File.WriteAllTextAsync(_folder.In("file"), "");

        var (exitCode, output) = await DashboardProcess.StartInVainAsync(_folder.In("file", "data"));

        Assert.Equal(2, exitCode);
        Assert.StartsWith($"The data root {_folder.In("file", "data")} can't be", output, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', output);
    }

    public void Dispose() => _folder.Dispose();
}
