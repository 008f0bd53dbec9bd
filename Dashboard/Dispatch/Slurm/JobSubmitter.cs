using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Dashboard.Dispatch.Clusters;
using Dashboard.Dispatch.Trainers;
using Dashboard.Processes;
using Dashboard.Protocol;
using Dashboard.Storage;
using Training.Core.Devices;
using Training.Core.Devices.Kernels;

namespace Dashboard.Dispatch.Slurm;

/// <summary>Makes a batch job of an attempt.</summary>
internal sealed class JobSubmitter(DashboardOptions options)
{
    private const int MaxName = 60;

    /// <summary>
    /// What computing libraries, our kernels and .NET read where the trainer starts; nothing else of this process goes along.
    /// </summary>
    private static readonly string[] Handed = ["DOTNET_", "OMP_", "MKL_", KernelSwitch.Variable];

    /// <summary>Tells this dashboard's jobs from those of others of the same user.</summary>
    private readonly string _tag =
        "fine-tune:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Path.GetFullPath(options.DataRoot))))[..8] + ":";

    /// <summary>The job's comment, by which a job is found again whose number got lost.</summary>
    public string Comment(int runId, int submission) => string.Create(CultureInfo.InvariantCulture, $"{_tag}{runId}:{submission}");

    /// <summary>The run that a job was submitted for; null for a job of somebody else.</summary>
    public int? RunOf(SlurmJob job) =>
        job.Comment.StartsWith(_tag, StringComparison.Ordinal)
        && int.TryParse(job.Comment[_tag.Length..].Split(':')[0], CultureInfo.InvariantCulture, out var run) ? run : null;

    public LaunchFolder Launches(int runId, int submission) => new(options.DataRoot, runId, submission);

    /// <summary>The arguments of sbatch; who may use the cluster may read them.</summary>
    public IReadOnlyList<string> Options(ClusterSettings cluster, RunRow run, int submission)
    {
        var folder = options.RunFolder(run.Id).Path;
        return
        [
            "--job-name=" + Name(run), "--comment=" + Comment(run.Id, submission), "--chdir=" + folder,
            // A per cent sign begins a placeholder there.
            "--output=" + Path.Combine(folder, "slurm-").Replace("%", "%%", StringComparison.Ordinal)
                + "%j.log", "--open-mode=append", "--requeue", .. cluster.Placement(),
        ];
    }

    public string Script(ClusterSettings cluster, int runId, int submission)
    {
        var libtorch = options.LibtorchFolder is { Length: > 0 } named ? Path.GetFullPath(named) : null;
        var trainer = new TrainerOptions
        {
            RunFolder = options.RunFolder(runId).Path, RunId = runId, Attempt = 0, Server = new Uri(cluster.Server),
                Device = cluster.Device, Yields = true,
            WeightsFolder = Path.GetFullPath(options.WeightsFolder), CacheFolder = Path.GetFullPath(options.CacheFolder),
            LibtorchFolder = libtorch,
        };
        var arguments = trainer.ToArguments().ToArray();
        arguments[Array.IndexOf(arguments, TrainerOptions.AttemptArgument) + 1] = TrainerScript.AttemptPlace;
        var start = OwnExecutable.Start(TrainerOptions.Verb, arguments, options.Kernels);
        if (libtorch is not null) new LibtorchFolder(libtorch).Prepare(start, options.CacheFolder);
        var environment = start.Environment.Where(pair =>
            pair.Value is not null && (IsHanded(pair.Key) || libtorch is not null && pair.Key == LibtorchFolder.SearchPath));
        return TrainerScript.Write(
            Launches(runId, submission).Path, options.RunFolder(runId).TrainerLog, AttemptToken.Variable, start,
            environment.Select(pair => KeyValuePair.Create(pair.Key, pair.Value!)));
    }

    private static bool IsHanded(string name) =>
        TensorAllocation.Environment.Any(pair => pair.Key == name) || Handed.Any(kind => name.StartsWith(kind, StringComparison.Ordinal));

    /// <summary>Slurm's own tools print names in columns: plain letters only.</summary>
    private static string Name(RunRow run)
    {
        var plain = string.Concat(run.Name.Select(letter => char.IsAsciiLetterOrDigit(letter) ? letter : '-')).Trim('-');
        var name = string.Create(CultureInfo.InvariantCulture, $"run{run.Id}-{plain}").TrimEnd('-');
        return name.Length <= MaxName ? name : name[..MaxName];
    }
}
