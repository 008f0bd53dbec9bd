using System.Diagnostics;
using System.Runtime.Versioning;
using Training.Tests.TestKit;
using Training.Tests.TestProcesses;

namespace Training.Tests.Terminal;

/// <summary>What run.sh asks this computer before the program starts.</summary>
[SupportedOSPlatform("linux")]
public sealed class StartScriptTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [SkippableFact]
    public async Task Questions_WhoseAnswersGoOnLongAfterTheLineAskedFor_DoNotEndTheScript()
    {
        Skip.IfNot(OperatingSystem.IsLinux());
        // A program that writes more than a pipe holds dies when its reader stops at the first hit, and pipefail then ends the script
        // without a word.
        Answer("ldconfig", "libjemalloc.so.2 (libc6,x86-64) => /lib/libjemalloc.so.2");
        Answer("dotnet", "10.0.100 [/usr/share/dotnet/sdk]");

        var (exitCode, output) = await AskAsync("require_dotnet; library=$(find_jemalloc); echo \"found $library\"");

        Assert.Equal("found /lib/libjemalloc.so.2", output);
        Assert.Equal(0, exitCode);
    }

    [SkippableFact]
    public async Task Questions_WithNoSdk_EndWithOneSentence()
    {
        Skip.IfNot(OperatingSystem.IsLinux());
        Answer("dotnet", "8.0.100 [/usr/share/dotnet/sdk]", lines: 0);

        var (exitCode, output) = await AskAsync("require_dotnet");

        Assert.Equal("The .NET 10 SDK is missing (found: 8.0.100 [/usr/share/dotnet/sdk] ).", output);
        Assert.Equal(1, exitCode);
    }

    [SkippableTheory]
    [InlineData("sources.list", "deb http://mirror.example/debian bookworm main")]
    [InlineData("sources.list.d/debian.sources", "Types: deb\nURIs: http://mirror.example/debian\nSuites: bookworm")]
    [InlineData("sources.list.d/debian.list", "# deb http://old.example/debian/ x\ndeb http://mirror.example/debian bookworm main")]
    public async Task Mirror_NamedInOneOfThreePlaces_IsFoundThere(string file, string text)
    {
        Skip.IfNot(OperatingSystem.IsLinux());
        Directory.CreateDirectory(_folder.In("apt/sources.list.d"));
        await File.WriteAllTextAsync(_folder.In($"apt/{file}"), text + "\n");

        var (exitCode, output) = await AskAsync($"export APT_ETC='{_folder.In("apt")}'; mirror=$(debian_mirror); echo \"<$mirror>\"");

        Assert.Equal("<http://mirror.example/debian>", output);
        Assert.Equal(0, exitCode);
    }

    [SkippableFact]
    public async Task Mirror_NamedNowhere_IsNoFailure()
    {
        Skip.IfNot(OperatingSystem.IsLinux());

        var (exitCode, output) = await AskAsync($"export APT_ETC='{_folder.Path}'; mirror=$(debian_mirror); echo \"<$mirror>\"");

        Assert.Equal("<>", output);
        Assert.Equal(0, exitCode);
    }

    [SkippableFact]
    public async Task AnyStep_ThatFails_IsNamedWithItsLine()
    {
        Skip.IfNot(OperatingSystem.IsLinux());

        var (exitCode, output) = await AskAsync("step() { local found\n found=$(cat /nowhere/at-all | sed -n 1p)\n }\n step");

        Assert.Contains("/nowhere/at-all", output, StringComparison.Ordinal);
        Assert.Contains("failed with exit code 1.", output, StringComparison.Ordinal);
        Assert.Matches("line [0-9]+: ", output);
        Assert.Equal(1, exitCode);
    }

    [SkippableFact]
    public async Task Packages_WithNeitherRootNorSudo_AreACommandToHaveRun()
    {
        Skip.IfNot(OperatingSystem.IsLinux());
        Answer("id", "1000", lines: 0);
        Answer("sudo", "a password is required", lines: 0, exitCode: 1);
        Answer("dpkg-query", "", lines: 0, exitCode: 1);

        var (exitCode, output) = await AskAsync("require_packages 'tests need it' chromium redis-tools");

        Assert.Equal("Missing: chromium redis-tools (tests need it). Installing needs root: have 'apt-get install -y chromium "
            + "redis-tools' run once as root, then start again.", output);
        Assert.Equal(1, exitCode);
    }

    [SkippableFact]
    public async Task Space_ThatIsMissing_IsSaidBeforeTheStep()
    {
        Skip.IfNot(OperatingSystem.IsLinux());
        Answer("df", "Filesystem 1048576-blocks Used Available Capacity Mounted\n/dev/sda1 50000 49000 1000 98% /", lines: 0);

        var (exitCode, output) = await AskAsync("need_space /tmp/not/yet/there 3000 'Restoring NuGet packages'");

        Assert.Equal("Restoring NuGet packages needs about 3000 MB in /tmp/not/yet/there, and 1000 MB are free there. Make room, then "
            + "start again.", output);
        Assert.Equal(1, exitCode);
    }

    [SkippableTheory]
    [InlineData("error NU1301: Unable to load the service index for source https://api.nuget.org/v3/index.json.", "NuGet's packages can't "
        + "be fetched: is the network up, and does this computer need a proxy")]
    [InlineData("error MSB3021: Unable to copy file. No space left on device", "The disk is full: make room")]
    [InlineData("error MSB3191: Access to the path '/srv/x' is denied.", "Files of another account are in the way")]
    [InlineData("Program.cs(1,1): error CS1002: ; expected", "")]
    public async Task Build_ThatFails_SaysWhatToDo(string line, string expected)
    {
        Skip.IfNot(OperatingSystem.IsLinux());
        await File.WriteAllTextAsync(_folder.In("log"), line + "\n");

        var (exitCode, output) = await AskAsync($"what_to_do '{_folder.In("log")}'");

        Assert.StartsWith(expected, output, StringComparison.Ordinal);
        Assert.Equal(expected.Length == 0, output.Length == 0);
        Assert.Equal(0, exitCode);
    }

    public void Dispose() => _folder.Dispose();

    private void Answer(string program, string line, int lines = 20_000, int exitCode = 0)
    {
        File.WriteAllText(_folder.In(program), $"#!/bin/sh\necho '{line}'\n[ {lines} = 0 ] || seq {lines}\nexit {exitCode}\n");
        File.SetUnixFileMode(_folder.In(program), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private async Task<(int ExitCode, string Output)> AskAsync(string question)
    {
        var start = new ProcessStartInfo("bash",
            ["-c", $"set -euo pipefail; here='{Checkout.Folder}'; . \"$here/.ci/machine.sh\"; . \"$here/.ci/program.sh\"; {question}"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["PATH"] = $"{_folder.Path}:{start.Environment["PATH"]}";
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync() + await errors;
        await process.WaitForExitAsync();
        return (process.ExitCode, output.Trim());
    }
}
