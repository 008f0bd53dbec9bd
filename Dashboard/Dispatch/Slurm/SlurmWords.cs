namespace Dashboard.Dispatch.Slurm;

/// <summary>What Slurm's own words mean, for people who don't know Slurm, and what to do.</summary>
internal static class SlurmWords
{
    /// <summary>As Slurm's own tools write it: "PENDING (Resources)".</summary>
    public static string State(string state, string reason) => reason.Length > 0 ? $"{state} ({reason})" : state;

    /// <summary>Why a job waits; empty for a reason that is not known here.</summary>
    public static string Waiting(string reason) => reason switch
    {
        "Resources" => "It waits until a node has room.",
        "Priority" => "Jobs with a higher priority come first.",
        "BeginTime" => "Slurm holds it back for a short time, as it does with every job that it has put back into the queue.",
        "PartitionDown" or "PartitionInactive" => "The partition takes no jobs at present; its administrator knows why.",
        "PartitionTimeLimit" =>
            "Its time limit is longer than the partition allows: it never starts. Stop it, and set a shorter one on the cluster's card.",
        "PartitionNodeLimit" or "BadConstraints" =>
            "No node of the partition has what it asks for: it never starts. Stop it, and change what the cluster's card asks for.",
        "JobHeldUser" or "JobHeldAdmin" => "Somebody holds it back (scontrol hold); scontrol release lets it go.",
        "ReqNodeNotAvail" => "The nodes that it could use are down, drained or reserved.",
        "Dependency" => "It waits for another job.",
        "launch failed requeued held" => "A node could not start it and Slurm holds it back; scontrol release lets it go.",
        _ when reason.StartsWith("Nodes_required_for_job", StringComparison.Ordinal) =>
            "The nodes that it could use are down, drained or reserved.",
        _ when reason.StartsWith("QOS", StringComparison.Ordinal) || reason.StartsWith("Assoc", StringComparison.Ordinal)
        || reason.Contains("Limit", StringComparison.Ordinal) =>
            "A limit of your account or its quality of service is reached; it starts when your other jobs have ended.",
        _ => "",
    };

    /// <summary>How a job ended that was not to end yet; the first line of what people read.</summary>
    public static string Ended(SlurmJob job)
    {
        var where = job.Node.Length > 0 ? $" on {job.Node}" : "";
        return job.State switch
        {
            "TIMEOUT" => $"Slurm ended job {job.Id}{where} because its time limit is over (TIMEOUT).",
            "OUT_OF_MEMORY" =>
                $"Slurm ended job {job.Id}{where} because it took more memory than it had asked for (OUT_OF_MEMORY). A smaller batch "
                    + "needs less; --mem asks for more.",
            "PREEMPTED" => $"Slurm took the node from job {job.Id}{where} for a more important one (PREEMPTED).",
            "NODE_FAIL" => $"The node of job {job.Id} failed: {(job.Node.Length > 0 ? job.Node : "Slurm doesn't say which")} (NODE_FAIL).",
            "BOOT_FAIL" => $"The node of job {job.Id} did not start (BOOT_FAIL).",
            "DEADLINE" => $"Job {job.Id} could not end before its deadline (DEADLINE).",
            "CANCELLED" => $"Job {job.Id}{where} was cancelled in Slurm (scancel), not here.",
            _ => $"Slurm says that job {job.Id}{where} is over ({State(job.State, job.Reason)}).",
        };
    }

    /// <summary>What to do about a refusal of sbatch; empty when its own words say it.</summary>
    public static string Remedy(string refusal) => refusal switch
    {
        _ when refusal.Has("time limit") => "Set a shorter time limit on the cluster's card.",
        _ when refusal.Has("Invalid qos") => "Write another --qos among the cluster's options.",
        _ when refusal.Has("QOS") || refusal.Has("Limit") || refusal.Has("MaxJobCount")
            || refusal.Has("job count") => "A limit of the cluster is reached; it takes the run as soon as other jobs have ended.",
        _ when refusal.Has("account") => "Write another account on the cluster's card; sacctmgr show associations user=$USER lists yours.",
        _ when refusal.Has("partition") => "Write another partition on the cluster's card; sinfo lists them.",
        _ when refusal.Has("gres") || refusal.Has("Generic resource") => "The cluster has no such GPUs; sinfo -o '%N %G' lists them.",
        _ when refusal.Has("node configuration is not available")
            || refusal.Has("constraint") => "No node has what the cluster's card asks for.",
        _ => "",
    };

    private static bool Has(this string refusal, string part) => refusal.Contains(part, StringComparison.OrdinalIgnoreCase);
}
