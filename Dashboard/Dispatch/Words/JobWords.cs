using System.Globalization;

namespace Dashboard.Dispatch.Words;

/// <summary>What people read of the jobs of a Slurm cluster; Slurm's own words stay as they are.</summary>
internal static class JobWords
{
    public const string HeldBack = "Held back before Slurm had started it.";

    public const string Forgotten = "Slurm started a job for this attempt, but doesn't know it any more.";

    public const string WaitsForNode = "It waits until a node has room.";

    public const string HigherPriorityFirst = "Jobs with a higher priority come first.";

    public const string HeldForShort =
        "Slurm holds it back for a short time, as it does with every job that it has put back into the queue.";

    public const string PartitionTakesNone = "The partition takes no jobs at present; its administrator knows why.";

    public const string TimeLimitTooLong =
        "Its time limit is longer than the partition allows: it never starts. Stop it, and set a shorter one on the cluster's card.";

    public const string NoNodeFits =
        "No node of the partition has what it asks for: it never starts. Stop it, and change what the cluster's card asks for.";

    public const string HeldBySomebody = "Somebody holds it back (scontrol hold); scontrol release lets it go.";

    public const string NodesNotAvailable = "The nodes that it could use are down, drained or reserved.";

    public const string WaitsForJob = "It waits for another job.";

    public const string HeldAfterFailedStart = "A node could not start it and Slurm holds it back; scontrol release lets it go.";

    public const string AccountLimitReached =
        "A limit of your account or its quality of service is reached; it starts when your other jobs have ended.";

    public const string SetShorterTimeLimit = "Set a shorter time limit on the cluster's card.";

    public const string WriteOtherQuality = "Write another --qos among the cluster's options.";

    public const string ClusterLimitReached = "A limit of the cluster is reached; it takes the run as soon as other jobs have ended.";

    public const string WriteOtherAccount =
        "Write another account on the cluster's card; sacctmgr show associations user=$USER lists yours.";

    public const string WriteOtherPartition = "Write another partition on the cluster's card; sinfo lists them.";

    public const string NoSuchGpus = "The cluster has no such GPUs; sinfo -o '%N %G' lists them.";

    public const string NoNodeHasIt = "No node has what the cluster's card asks for.";

    public static string WaitsAt(string cluster, string job) => $"Slurm queues it as job {job} of {cluster}";

    public static string TrainerStartsOn(string node) => $"RUNNING on {node}: the trainer starts";

    /// <param name="node">Empty: unknown.</param>
    public static string On(string node) => node.Length > 0 ? $" on {node}" : "";

    /// <param name="when">A time of this computer's clock, with its date if that is another day.</param>
    /// <param name="node">Empty: unknown.</param>
    public static string StartsAbout(string when, string node) => $", starts about {when}{On(node)}";

    public static string ExitedWith(string words, int exitCode) =>
        string.Create(CultureInfo.InvariantCulture, $"{words} It exited with {exitCode}.");

    /// <param name="refusal">Slurm's own words.</param>
    /// <param name="remedy">Empty: they say it.</param>
    public static string RefusedBy(string cluster, string refusal, string remedy) =>
        $"{cluster} refuses it: {refusal.TrimEnd('.')}. {remedy}".TrimEnd();

    public static string TriedAgain(string refusal) => refusal + " It is tried again by itself.";

    public static string Lost(string job, string cluster) =>
        $"Slurm doesn't know job {job} any more: it was removed, or the controller of {cluster} lost its state.";

    /// <param name="node">Where it ran; empty: unknown.</param>
    /// <param name="why">What Slurm says of that node; empty: nothing.</param>
    public static string TakenBack(string job, string node, string why) =>
        $"Slurm took job {job} back{(node.Length > 0 ? $" from {node}" : "")} and put it into its queue again"
            + $"{(why.Length > 0 ? $": {why}" : "")}.";

    /// <param name="node">Empty: unknown.</param>
    public static string TimeIsOver(string job, string node) =>
        $"Slurm ended job {job}{On(node)} because its time limit is over (TIMEOUT).";

    /// <inheritdoc cref="TimeIsOver"/>
    public static string OutOfMemory(string job, string node) =>
        $"Slurm ended job {job}{On(node)} because it took more memory than it had asked for (OUT_OF_MEMORY). A smaller batch needs less; "
            + "--mem asks for more.";

    /// <inheritdoc cref="TimeIsOver"/>
    public static string Preempted(string job, string node) =>
        $"Slurm took the node from job {job}{On(node)} for a more important one (PREEMPTED).";

    /// <inheritdoc cref="TimeIsOver"/>
    public static string NodeFailed(string job, string node) =>
        $"The node of job {job} failed: {(node.Length > 0 ? node : "Slurm doesn't say which")} (NODE_FAIL).";

    public static string NodeDidNotStart(string job) => $"The node of job {job} did not start (BOOT_FAIL).";

    public static string DeadlineMissed(string job) => $"Job {job} could not end before its deadline (DEADLINE).";

    /// <inheritdoc cref="TimeIsOver"/>
    public static string Cancelled(string job, string node) => $"Job {job}{On(node)} was cancelled in Slurm (scancel), not here.";

    /// <inheritdoc cref="TimeIsOver"/>
    public static string Over(string job, string node, string state) => $"Slurm says that job {job}{On(node)} is over ({state}).";
}
