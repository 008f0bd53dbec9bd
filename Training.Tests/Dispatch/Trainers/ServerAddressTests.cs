using Dashboard.Dispatch.Trainers;
using Training.Core.Runs;
using Training.Tests.TestKit;

namespace Training.Tests.Dispatch.Trainers;

public sealed class ServerAddressTests
{
    [Theory]
    [InlineData("http://127.0.0.1:5080", "http://127.0.0.1:5080/")]
    [InlineData("http://0.0.0.0:5080", "http://127.0.0.1:5080/")]
    [InlineData("http://[::]:5080", "http://127.0.0.1:5080/")]
    [InlineData("http://*:80;https://*:443", "http://127.0.0.1/")]
    [InlineData("https://localhost:5081;http://localhost:5080", "http://localhost:5080/")]
    [InlineData("https://localhost:5081", "https://localhost:5081/")]
    public void Address_OfListeners_IsOneThatATrainerReaches(string listeners, string expected) =>
        Assert.Equal(new Uri(expected), ServerAddress.Choose(listeners.Split(';')));

    [Fact]
    public void Address_NoListener_IsNull() => Assert.Null(ServerAddress.Choose(["http://unix:/tmp/dashboard.sock:"]));

    [Fact]
    public void ServerFile_RewrittenByALaterDashboard_TellsTheNewPlace()
    {
        using var folder = new TemporaryFolder();
        var run = new RunFolder(folder.Path);
        Assert.Null(ServerFile.Read(run));

        ServerFile.Write(run, new Uri("http://127.0.0.1:5080"));
        ServerFile.Write(run, new Uri("http://127.0.0.1:6001"));

        Assert.Equal(new Uri("http://127.0.0.1:6001"), ServerFile.Read(run));
    }
}
