using Dashboard.Dispatch.Clusters;
using Dashboard.Dispatch.Slurm;
using Dashboard.Storage;
using Training.Core.Devices.Kernels;

namespace Training.Tests.Dispatch.Slurm;

public sealed class JobSubmitterTests
{
    [Fact]
    public void Script_WithTheKernelsOff_TellsTheTrainerOnTheNode()
    {
        var cluster = new ClusterSettings { Name = "cluster", Server = "http://dashboard:5080" };

        var script = new JobSubmitter(new DashboardOptions { DataRoot = "/data", Kernels = false })
            .Script(cluster, runId: 1, submission: 1);

        Assert.Contains($"export {KernelSwitch.Variable}='{KernelSwitch.Off}'\n", script, StringComparison.Ordinal);
    }
}
