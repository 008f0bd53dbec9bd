using Dashboard.Dispatch.Trainers;
using Dashboard.Processes;
using Dashboard.Storage;
using Microsoft.Extensions.Options;
using Training.Core.Devices.Kernels;
using Training.Tests.TestKit;

namespace Training.Tests.Dispatch.Trainers;

public sealed class TrainerLauncherTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Launch_WithTheKernelsOff_SaysSoInTheTrainersEnvironment()
    {
        var settings = new DashboardOptions { DataRoot = _folder.Path, Kernels = false };
        var run = Directory.CreateDirectory(settings.RunFolder(1).Path).FullName;

        using var trainer = new TrainerLauncher(Options.Create(settings), TimeProvider.System).Launch(new TrainerOptions
        {
            RunFolder = run, RunId = 1, Attempt = 1, Server = new Uri("http://127.0.0.1:9"), Device = "cpu",
            WeightsFolder = settings.WeightsFolder, CacheFolder = settings.CacheFolder,
        }, "token");

        try
        {
            var environment = "";
            // Empty for the moment in which a program is exchanged for the next: the shell, setsid, the trainer.
            while (environment.Length == 0)
            {
                environment = await File.ReadAllTextAsync($"/proc/{trainer.Identity.Id}/environ");
                await Task.Delay(1);
            }
            Assert.Contains($"{KernelSwitch.Variable}={KernelSwitch.Off}", environment.Split('\0'));
        }
        finally
        {
            trainer.Identity.Signal(ProcessIdentity.SigKill);
        }
    }
}
