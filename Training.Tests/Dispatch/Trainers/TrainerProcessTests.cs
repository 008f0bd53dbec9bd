using System.Diagnostics;
using System.Reflection;
using Dashboard.Dispatch.Trainers;

namespace Training.Tests.Dispatch.Trainers;

public sealed class TrainerProcessTests
{
    [Fact]
    public async Task Wait_ManyTimes_LeavesNoHandlersBehind()
    {
        using var process = TrainerProcess.Start(
            new ProcessStartInfo("/bin/sh", ["-c", "read line; exit 7"]) { RedirectStandardInput = true }, TimeProvider.System);
        var child = (Process)typeof(TrainerProcess).GetField("_child", BindingFlags.Instance | BindingFlags.NonPublic)!.GetValue(process)!;

        for (var look = 0; look < 50; look++) Assert.False(await process.WaitAsync(TimeSpan.FromMilliseconds(1), CancellationToken.None));

        var handlers = (Delegate?)typeof(Process).GetField("_onExited", BindingFlags.Instance | BindingFlags.NonPublic)!.GetValue(child);
        Assert.Single(handlers!.GetInvocationList());
        child.StandardInput.Close();
        Assert.True(await process.WaitAsync(TimeSpan.FromMinutes(1), CancellationToken.None));
        Assert.Equal(7, process.ExitCode);
    }
}
