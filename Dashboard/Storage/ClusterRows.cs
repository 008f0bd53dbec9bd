using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Dashboard.Storage;

/// <summary>How a Slurm cluster is reached and what its jobs ask for; key: the name, which is also its machine's.</summary>
public sealed class ClusterRow
{
    public required string Name { get; set; }

    /// <summary>Empty: the cluster's default.</summary>
    public string Partition { get; set; } = "";
    public string Account { get; set; } = "";

    /// <summary>Such as "gpu:1"; empty: processors only.</summary>
    public string Gres { get; set; } = "";

    /// <summary>As sbatch takes it, such as "12:00:00"; empty: the partition's.</summary>
    public string TimeLimit { get; set; } = "";

    /// <summary>More options of sbatch, one a line.</summary>
    public string Options { get; set; } = "";

    /// <summary>Where Slurm's commands run, as ssh takes it; empty: on the dashboard's own computer.</summary>
    public string Ssh { get; set; } = "";

    /// <summary>The dashboard's address as nodes reach it.</summary>
    public string Server { get; set; } = "";

    /// <summary>Most runs that are with Slurm at a time, waiting or running.</summary>
    public int MaxJobs { get; set; } = 10;

    /// <summary>Also takes runs that ask for no machine by name.</summary>
    public bool TakesAnyRun { get; set; }

    /// <summary>When a test job with these settings passed all checks; null: never.</summary>
    public DateTimeOffset? TestedAt { get; set; }

    internal static void Shape(EntityTypeBuilder<ClusterRow> cluster) => cluster.HasKey(row => row.Name);
}

/// <summary>The job that trains an attempt, as Slurm last showed it; key: run and attempt.</summary>
public sealed class ClusterJobRow
{
    public int RunId { get; set; }
    public int Attempt { get; set; }

    /// <summary>
    /// The attempt that it was submitted for: a later one goes on in the same job after Slurm has put it back into the queue.
    /// </summary>
    public int Submission { get; set; }

    /// <summary>How often Slurm had put it back into the queue when this attempt began.</summary>
    public int Restarts { get; set; }

    /// <summary>Slurm's number of it; empty while its answer has not come.</summary>
    public string JobId { get; set; } = "";

    /// <summary>Slurm's own word, such as PENDING.</summary>
    public string State { get; set; } = "";

    /// <summary>Slurm's own word, such as Resources.</summary>
    public string Reason { get; set; } = "";

    /// <summary>When it began; of one that waits when Slurm expects it to.</summary>
    public DateTimeOffset? StartsAt { get; set; }
    public string Node { get; set; } = "";
    public DateTimeOffset SubmittedAt { get; set; }

    /// <summary>When it was first seen to run.</summary>
    public DateTimeOffset? BeganAt { get; set; }
}
