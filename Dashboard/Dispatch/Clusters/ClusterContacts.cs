using Dashboard.Machines;
using Dashboard.Storage;

namespace Dashboard.Dispatch.Clusters;

/// <summary>Who of a cluster is heard: its controller, and its trainers. Thread-safe.</summary>
internal sealed class ClusterContacts(ClusterBoard board, MachineContacts contacts, TimeProvider time)
{
    /// <summary>Its controller has just answered.</summary>
    public void Answers(string cluster)
    {
        contacts.MachineCame(cluster, nameof(ClusterLoop));
        board.Put(cluster, standing => standing with { Trouble = "", TroubleSince = null });
    }

    /// <param name="trouble">Why its controller doesn't answer, in words.</param>
    public void IsSilent(string cluster, string trouble)
    {
        if (board.Get(cluster).TroubleSince is null) contacts.MachineWent(cluster, nameof(ClusterLoop));
        board.Put(cluster, standing => standing with { Trouble = trouble, TroubleSince = standing.TroubleSince ?? time.GetUtcNow() });
    }

    /// <summary>Its controller has answered what its nodes do.</summary>
    public void ShowNodes(string cluster, string nodes)
    {
        Answers(cluster);
        board.Put(cluster, standing => standing with { Nodes = nodes });
    }

    /// <summary>Its controller has answered a submission.</summary>
    /// <param name="refusal">Null when it took the run.</param>
    public void ShowRefusal(string cluster, string? refusal)
    {
        Answers(cluster);
        board.Put(cluster, standing => standing with { Refusal = refusal ?? "" });
    }

    /// <summary>Nobody here asks the cluster any more.</summary>
    public void Forget(string cluster) => board.Forget(cluster);

    /// <summary>Whether the trainer of the run's current attempt is connected.</summary>
    public bool IsSpeaking(RunRow run) =>
        contacts.HasTrainerCome(run.Id, run.Attempt) && contacts.TrainerAwaySince(run.Id, run.Attempt) is null;
}
