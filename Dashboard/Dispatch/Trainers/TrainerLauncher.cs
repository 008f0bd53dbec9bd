using System.Diagnostics;
using System.Globalization;
using Dashboard.Processes;
using Dashboard.Protocol;
using Dashboard.Storage;
using Microsoft.Extensions.Options;

namespace Dashboard.Dispatch.Trainers;

/// <summary>Starts trainers so that nothing which happens to the dashboard reaches them.</summary>
internal sealed class TrainerLauncher(IOptions<DashboardOptions> settings, TimeProvider time)
{
    /// <summary>
    /// The shell gives the trainer a session of its own (Ctrl+C in the dashboard's terminal doesn't reach it) and files instead of
    /// pipes (a dead dashboard can't block or break it). It execs twice, so the process id stays, and exit code and signal are the
    /// trainer's.
    /// </summary>
    private const string Detach = "log=$1; echo \"$2\" >>\"$log\"; shift 2; exec setsid \"$@\" </dev/null >>\"$log\" 2>&1";

    /// <exception cref="System.ComponentModel.Win32Exception">The system refused to start a process.</exception>
    public TrainerProcess Launch(TrainerOptions options, string token)
    {
        ServerFile.Write(options.Folder, options.Server);
        var trainer = OwnExecutable.Start(TrainerOptions.Verb, options.ToArguments(), settings.Value.Kernels);
        var start = new ProcessStartInfo("/bin/sh") { UseShellExecute = false, WorkingDirectory = trainer.WorkingDirectory };
        foreach (var argument in (string[])["-c", Detach, "trainer", options.Folder.TrainerLog,
            TrainerDeath.Mark(options.Attempt.ToString(CultureInfo.InvariantCulture)), trainer.FileName, .. trainer.ArgumentList])
            start.ArgumentList.Add(argument);
        foreach (var (name, value) in trainer.Environment) start.Environment[name] = value;
        start.Environment[AttemptToken.Variable] = token;
        ShowOnly(options.Device, start);
        if (options.LibtorchFolder is { } libtorch) new LibtorchFolder(libtorch).Prepare(start, settings.Value.CacheFolder);
        return TrainerProcess.Start(start, time);
    }

    /// <summary>The trainer of an attempt that an earlier dashboard left behind; null when it is gone.</summary>
    /// <param name="recorded">Null when that dashboard died between starting the trainer and writing down its process id.</param>
    public TrainerProcess? Find(TrainerOptions options, ProcessIdentity? recorded)
    {
        var identity = recorded ?? ProcessIdentity.Find(options.AreThoseOf);
        return identity is { IsAlive: true } alive ? TrainerProcess.TakeUp(alive, time) : null;
    }

    /// <summary>CUDA numbers the GPUs that it is shown; in the order of the bus, as nvidia-smi does.</summary>
    private static void ShowOnly(string device, ProcessStartInfo start)
    {
        const string prefix = "cuda:";
        if (!device.StartsWith(prefix, StringComparison.Ordinal)) return;
        start.Environment["CUDA_DEVICE_ORDER"] = "PCI_BUS_ID";
        start.Environment["CUDA_VISIBLE_DEVICES"] = device[prefix.Length..];
    }
}
