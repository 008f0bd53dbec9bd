using System.Diagnostics;
using System.Runtime.Versioning;
using Training.Tests.TestKit;

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
        // A program that writes more than a pipe holds dies when its reader stops at the first hit, and pipefail then ends the script without a word.
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

    public void Dispose() => _folder.Dispose();

    private void Answer(string program, string line, int lines = 20_000)
    {
        File.WriteAllText(_folder.In(program), $"#!/bin/sh\necho '{line}'\n[ {lines} = 0 ] || seq {lines}\n");
        File.SetUnixFileMode(_folder.In(program), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private async Task<(int ExitCode, string Output)> AskAsync(string question)
    {
        var start = new ProcessStartInfo("bash", ["-c", $"set -euo pipefail; . '{Checkout()}/.ci/machine.sh'; {question}"])
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

    private static string Checkout()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "run.sh"))) folder = folder.Parent!;
        return folder.FullName;
    }
}
