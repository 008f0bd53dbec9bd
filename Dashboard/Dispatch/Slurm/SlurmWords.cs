using Dashboard.Dispatch.Words;

namespace Dashboard.Dispatch.Slurm;

/// <summary>What Slurm's own words mean, for people who don't know Slurm, and what to do.</summary>
internal static class SlurmWords
{
    /// <summary>As Slurm's own tools write it: "PENDING (Resources)".</summary>
    public static string State(string state, string reason) => reason.Length > 0 ? $"{state} ({reason})" : state;

    /// <summary>Why a job waits; empty for a reason that is not known here.</summary>
    public static string Waiting(string reason) => reason switch
    {
        "Resources" => JobWords.WaitsForNode,
        "Priority" => JobWords.HigherPriorityFirst,
        "BeginTime" => JobWords.HeldForShort,
        "PartitionDown" or "PartitionInactive" => JobWords.PartitionTakesNone,
        "PartitionTimeLimit" => JobWords.TimeLimitTooLong,
        "PartitionNodeLimit" or "BadConstraints" => JobWords.NoNodeFits,
        "JobHeldUser" or "JobHeldAdmin" => JobWords.HeldBySomebody,
        "ReqNodeNotAvail" => JobWords.NodesNotAvailable,
        "Dependency" => JobWords.WaitsForJob,
        "launch failed requeued held" => JobWords.HeldAfterFailedStart,
        _ when reason.StartsWith("Nodes_required_for_job", StringComparison.Ordinal) => JobWords.NodesNotAvailable,
        _ when reason.StartsWith("QOS", StringComparison.Ordinal) || reason.StartsWith("Assoc", StringComparison.Ordinal)
        || reason.Contains("Limit", StringComparison.Ordinal) => JobWords.AccountLimitReached,
        _ => "",
    };

    /// <summary>How a job ended that was not to end yet; the first line of what people read.</summary>
    public static string Ended(SlurmJob job) => job.State switch
    {
        "TIMEOUT" => JobWords.TimeIsOver(job.Id, job.Node),
        "OUT_OF_MEMORY" => JobWords.OutOfMemory(job.Id, job.Node),
        "PREEMPTED" => JobWords.Preempted(job.Id, job.Node),
        "NODE_FAIL" => JobWords.NodeFailed(job.Id, job.Node),
        "BOOT_FAIL" => JobWords.NodeDidNotStart(job.Id),
        "DEADLINE" => JobWords.DeadlineMissed(job.Id),
        "CANCELLED" => JobWords.Cancelled(job.Id, job.Node),
        _ => JobWords.Over(job.Id, job.Node, State(job.State, job.Reason)),
    };

    /// <summary>What to do about a refusal of sbatch; empty when its own words say it.</summary>
    public static string Remedy(string refusal) => refusal switch
    {
        _ when refusal.Has("time limit") => JobWords.SetShorterTimeLimit,
        _ when refusal.Has("Invalid qos") => JobWords.WriteOtherQuality,
        _ when refusal.Has("QOS") || refusal.Has("Limit") || refusal.Has("MaxJobCount")
            || refusal.Has("job count") => JobWords.ClusterLimitReached,
        _ when refusal.Has("account") => JobWords.WriteOtherAccount,
        _ when refusal.Has("partition") => JobWords.WriteOtherPartition,
        _ when refusal.Has("gres") || refusal.Has("Generic resource") => JobWords.NoSuchGpus,
        _ when refusal.Has("node configuration is not available")
            || refusal.Has("constraint") => JobWords.NoNodeHasIt,
        _ => "",
    };

    private static bool Has(this string refusal, string part) => refusal.Contains(part, StringComparison.OrdinalIgnoreCase);
}
