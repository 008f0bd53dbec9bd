using Dashboard.Processes;
using Microsoft.EntityFrameworkCore;
using Training.Tests.Dispatch.Trainers;
using Training.Tests.TestKit;
using Training.Tests.TestProcesses;

namespace Training.Tests.Processes;

public sealed class LibtorchFolderTests : IDisposable
{
    private static readonly string[] Libraries = ["libc10.so", "libtorch_cpu.so", "libtorch.so"];

    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("lib", "build-version", "2.10.0+cu128\n")]
    [InlineData("lib", "version.py", "from typing import Optional\n__all__ = ['__version__', 'debug']\n__version__ = "
        + "'2.10.0+cu126'\ndebug = False\n")]
    [InlineData("", "build-version", "2.10.1")]
    public void Folder_OfTheRightVersion_IsTaken(string below, string file, string content)
    {
        Make(below, file, content);

        Assert.Null(new LibtorchFolder(_folder.Path).Problem());
        Assert.False(new LibtorchFolder(_folder.Path).HasCuda);
    }

    [Fact]
    public void Folder_OfTheLibrariesThemselves_IsTakenTooAndTellsItsCuda()
    {
        Make("lib", "version.py", "__version__ = \"2.10.0+cu128\"");
        File.WriteAllText(_folder.In("lib", "libtorch_cuda.so"), "");

        Assert.Null(new LibtorchFolder(_folder.In("lib")).Problem());
        Assert.True(new LibtorchFolder(_folder.In("lib")).HasCuda);
    }

    [Theory]
    [InlineData("2.4.1+cu121", "holds libtorch 2.4.1+cu121, but 2.10 is needed.")]
    [InlineData("2.1.0", "holds libtorch 2.1.0, but 2.10 is needed.")]
    [InlineData("2.100.0", "holds libtorch 2.100.0, but 2.10 is needed.")]
    public void Folder_OfAnotherVersion_IsRefusedByName(string version, string words)
    {
        Make("lib", "build-version", version);

        AssertProblem(_folder.Path, words);
    }

    [Theory]
    [InlineData("libc10.so")]
    [InlineData("libtorch_cpu.so")]
    [InlineData("libtorch.so")]
    public void Folder_WithoutALibrary_IsRefusedAndTheFileNamed(string missing)
    {
        Make("lib", "build-version", "2.10.0");
        File.Delete(_folder.In("lib", missing));

        AssertProblem(_folder.Path, $"{missing} is missing");
    }

    [Fact]
    public void Folder_ThatIsNotThere_IsRefused() => AssertProblem(_folder.In("nothing"), $"There is no folder {_folder.In("nothing")}");

    [Fact]
    public void Folder_WithoutAVersion_IsRefused()
    {
        Make("lib", "README", "2.10.0");

        AssertProblem(_folder.Path, "doesn't say which version of libtorch it holds");
    }

    [Fact]
    public async Task Start_WithAFolderOfAnotherVersion_EndsWithTheReason()
    {
        Make("lib", "build-version", "2.4.1");

        var (exitCode, output) = await DashboardProcess.StartInVainAsync(_folder.In("data"), "--Dashboard:LibtorchFolder", _folder.Path);

        Assert.NotEqual(0, exitCode);
        Assert.StartsWith($"Dashboard:LibtorchFolder: {_folder.Path} holds libtorch 2.4.1, but 2.10 is needed. Name the folder of PyTorch "
            + "2.10", output, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', output);
    }

    [SkippableFact]
    public async Task Trainer_WithALibtorchFolder_LoadsThatOneAndNoOther()
    {
        var own = Path.Combine(AppContext.BaseDirectory, "runtimes", "linux-x64", "native");
        Skip.IfNot(File.Exists(Path.Combine(own, "libtorch_cpu.so")), "This build brings no libtorch for the CPU along.");
        Make("lib", "build-version", "2.10.0+cpu");
        // Copies: a link would be the same file to the system, however it is named.
        foreach (var file in Libraries.Concat(Directory.GetFiles(own, "libgomp*").Select(Path.GetFileName)))
            File.Copy(Path.Combine(own, file!), _folder.In("lib", file!), overwrite: true);
        using var root = new TemporaryFolder();
        var run = await TinyRun.QueueAsync(root, epochs: 10_000);

        await using var dashboard = await DashboardProcess.StartAsync(root.Path, "--Dashboard:LibtorchFolder", _folder.Path);
        var trainer = await TrainerOfAsync(dashboard, run.Id);
        try
        {
            var loaded = File.ReadLines($"/proc/{trainer.Id}/maps").Select(line => line[(line.LastIndexOf(' ') + 1)..])
                .Where(path => Path.GetFileName(path) is var name
                    && (Libraries.Contains(name) || name.StartsWith("libgomp", StringComparison.Ordinal))).Distinct().ToList();

            Assert.Equal(4, loaded.Count);
            Assert.All(loaded, path => Assert.StartsWith(_folder.In("lib") + "/", path, StringComparison.Ordinal));
        }
        finally
        {
            // The dashboard first: it would launch another trainer for one that dies.
            await dashboard.KillAsync();
            trainer.Signal(ProcessIdentity.SigKill);
        }
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>A folder that looks like a libtorch.</summary>
    private void Make(string below, string file, string content)
    {
        Directory.CreateDirectory(_folder.In(below));
        foreach (var library in Libraries) File.WriteAllText(_folder.In(below, library), "");
        File.WriteAllText(_folder.In(file), content);
    }

    private static void AssertProblem(string folder, string words)
    {
        var problem = new LibtorchFolder(folder).Problem();
        Assert.Contains(words, problem, StringComparison.Ordinal);
        Assert.Contains("Name the folder of PyTorch 2.10", problem, StringComparison.Ordinal);
    }

    /// <summary>Once it has trained a step.</summary>
    private static async Task<ProcessIdentity> TrainerOfAsync(DashboardProcess dashboard, int runId)
    {
        await using var db = dashboard.Database();
        var attempt = await Eventually.NotNullAsync(
            async () =>
            {
                var run = await db.Runs.AsNoTracking().SingleAsync(row => row.Id == runId);
                Assert.True(run.State is not Dashboard.Storage.RunState.Failed, run.Reason);
                return run.Step > 0 ? await db.Attempts.AsNoTracking()
                    .SingleOrDefaultAsync(row => row.RunId == runId && row.ProcessId != null) : null;
            }, "a step is stored");
        return new ProcessIdentity(attempt.ProcessId!.Value, attempt.ProcessStart!.Value);
    }
}
