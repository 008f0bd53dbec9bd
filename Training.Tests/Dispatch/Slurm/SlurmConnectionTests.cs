using System.Diagnostics;
using Dashboard.Dispatch.Slurm;
using Training.Tests.TestKit;

namespace Training.Tests.Dispatch.Slurm;

public sealed class SlurmConnectionTests
{
    [Theory]
    [InlineData("main")]
    [InlineData("a b; touch /tmp/x")]
    [InlineData("it's $HOME `id` \"quoted\" \\ * 한국어")]
    [InlineData("'; rm -rf / #")]
    [InlineData("two\nlines")]
    public async Task Argument_ThroughARemoteShell_ArrivesAsItIs(string argument)
    {
        using var folder = new TemporaryFolder();
        var ssh = folder.In("ssh");
        await File.WriteAllTextAsync(ssh, "#!/bin/sh\nwhile [ \"$1\" != -- ]; do shift; done\nexec sh -c \"$3\"\n");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(ssh, UnixFileMode.UserRead | UnixFileMode.UserExecute);

        var reply = await new SlurmConnection("login", ssh).RunAsync("printf", ["%s", argument], null, CancellationToken.None);

        Assert.Equal(argument, reply.Output);
    }

    [Fact]
    public void Start_Here_HandsSlurmNothingSecretOfTheDashboard()
    {
        Environment.SetEnvironmentVariable("Dashboard__Postgres", "Password=secret");

        var start = new SlurmConnection("").Start("sbatch", ["--parsable"]);

        Assert.DoesNotContain("Dashboard__Postgres", start.Environment.Keys);
        Assert.Contains("PATH", start.Environment.Keys);
        Environment.SetEnvironmentVariable("Dashboard__Postgres", null);
    }

    [Fact]
    public async Task Program_ThatIsNotThere_SaysWhatToDo()
    {
        var e = await Assert.ThrowsAsync<SlurmException>(() =>
            new SlurmConnection("").RunAsync("no-such-squeue", [], null, CancellationToken.None));

        Assert.Contains("Install Slurm's client there, or name a computer that has it under SSH", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Script_WhoseDashboardMovesOn_EndsItsTrainerAndPassesTheExitCodeOn()
    {
        using var folder = new TemporaryFolder();
        var launches = new LaunchFolder(folder.Path, 1, 1);
        launches.Write(0, 4, "secret");
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(launches.Path, "start-0")));
        var trainer = new ProcessStartInfo("sh") { WorkingDirectory = folder.Path };
        foreach (var argument in (string[])["-c", "echo \"$1 $TOKEN\"; sleep 60", "sh", TrainerScript.AttemptPlace])
            trainer.ArgumentList.Add(argument);
        await File.WriteAllTextAsync(folder.In("script"),
            TrainerScript.Write(launches.Path, folder.In("it's a log"), "TOKEN", trainer, []));
        using var script = Process.Start(new ProcessStartInfo("sh", [folder.In("script")]))!;

        await Eventually.TrueAsync(() => File.Exists(folder.In("it's a log"))
            && File.ReadAllText(folder.In("it's a log")).EndsWith("\n4 secret\n", StringComparison.Ordinal), "the trainer runs");
        Assert.False(launches.IsUnused);
        launches.Write(1, 5, "other");
        await script.WaitForExitAsync();

        Assert.Equal(137, script.ExitCode);
    }
}
