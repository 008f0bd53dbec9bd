using System.Diagnostics;
using System.Globalization;
using Dashboard.Processes;
using Training.Tests.TestKit;

namespace Training.Tests.Processes;

public sealed class ProcessIdentityTests
{
    [Fact]
    public void Stat_NameWithSpacesAndParentheses_IsReadBehindTheName()
    {
        const string line = "4242 (a) b (c) S 1 4242 4242 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 9 0 987654 1000 200 18446744073709551615 1 1";

        Assert.Equal(('S', 987654L), ProcessIdentity.ParseStat(line));
    }

    [Theory]
    [InlineData("")]
    [InlineData("4242 (sleep) S 1 2 3")]
    public void Stat_TornLine_IsNoProcess(string line) => Assert.Null(ProcessIdentity.ParseStat(line));

    [Fact]
    public void OwnProcess_IsAlive_AndWithAnotherStartIsNot()
    {
        var self = ProcessIdentity.Of(Environment.ProcessId)!.Value;

        Assert.True(self.IsAlive);
        Assert.False((self with { Start = self.Start + 1 }).IsAlive);
    }

    [Fact]
    public async Task Zombie_CountsAsDead()
    {
        // The shell's child ends at once, and the sleep that the shell turns into never collects it.
        using var parent = Process.Start(
            new ProcessStartInfo("/bin/sh", ["-c", "sleep 1 & echo $!; exec sleep 60"]) { RedirectStandardOutput = true })!;
        try
        {
            var id = int.Parse((await parent.StandardOutput.ReadLineAsync())!, CultureInfo.InvariantCulture);
            await Eventually.TrueAsync(() => ProcessIdentity.Of(id) is { IsAlive: false }, "the child is a zombie");
        }
        finally
        {
            parent.Kill();
        }
    }

    [Fact]
    public void Find_ByArguments_FindsThisProcess()
    {
        var own = ProcessIdentity.Arguments(Environment.ProcessId);

        Assert.Equal(Environment.ProcessId, ProcessIdentity.Find(arguments => arguments.SequenceEqual(own))?.Id);
        Assert.Null(ProcessIdentity.Find(arguments => arguments.Contains("no process has this argument 5d1f")));
    }
}
