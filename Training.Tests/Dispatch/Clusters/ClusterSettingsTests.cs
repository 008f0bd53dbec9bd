using Dashboard.Dispatch.Clusters;

namespace Training.Tests.Dispatch.Clusters;

public sealed class ClusterSettingsTests
{
    private static readonly ClusterSettings Good = new() { Name = "hpc", Server = "http://box.example:5080" };

    [Fact]
    public void Settings_WithAllFields_BecomeOptionsOfSbatch()
    {
        var settings = Good with { Partition = "gpu", Account = "lab", Gres = "gpu:1", TimeLimit = "12:00:00",
            Options = ["--mem=32G", "--mail-user me@x.example"] };

        Assert.Empty(settings.Problems());
        Assert.Equal(["--mem=32G", "--mail-user", "me@x.example", "--partition=gpu", "--account=lab", "--gres=gpu:1", "--time=12:00:00"],
            settings.Placement());
        Assert.Equal("cuda:0", settings.Device);
        Assert.Equal("cpu", Good.Device);
    }

    [Theory]
    [InlineData("mem=32G", "has to begin with two dashes")]
    [InlineData("-p gpu", "has to begin with two dashes")]
    [InlineData("--output=/etc/passwd", "sets --output itself")]
    [InlineData("--wrap id", "sets --wrap itself")]
    [InlineData("--mem=1\n--wrap=id", "has to begin with two dashes")]
    public void Option_ThatIsNoneOrOurs_IsRefused(string option, string words) =>
        Assert.Contains(words, Assert.Single((Good with { Options = [option] }).Problems()).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("-oProxyCommand=id")]
    [InlineData("me@login example")]
    [InlineData("login;id")]
    public void Ssh_ThatIsNoDestination_IsRefused(string ssh) =>
        Assert.Equal("ssh", Assert.Single((Good with { Ssh = ssh }).Problems()).Field);

    [Fact]
    public void EveryWrongField_IsNamedOnce() => Assert.Equal(
        ["name", "partition", "server", "maxJobs"],
        new ClusterSettings { Name = "gpu", Partition = "a\nb", Server = "box", MaxJobs = 0 }.Problems().Select(problem => problem.Field));
}
