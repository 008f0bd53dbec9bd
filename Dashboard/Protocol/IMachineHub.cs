using Training.Core.Runs;

namespace Dashboard.Protocol;

/// <summary>What a machine calls: it first joins with its secret, and can speak for itself and its attempts only from then on.</summary>
public interface IMachineHub : ITrainerHub
{
    /// <summary>Binds the connection to a machine, or says why not.</summary>
    /// <param name="secret">Of the machine itself, or a token that lets machines join.</param>
    Task<JoinReply> Join(string name, string secret, string version, int protocol);

    /// <summary>What the machine measured of itself; its name and the time are the dashboard's.</summary>
    Task ReportMachine(MachineReport report);

    /// <summary>Attempts that the machine should be training.</summary>
    Task<IReadOnlyList<Assignment>> Live();

    /// <summary>The next run for a free device of the machine; null when none waits.</summary>
    Task<Assignment?> Take(string device);

    /// <summary>Which process trains an attempt of the machine.</summary>
    Task<bool> Launched(Assignment assignment);

    /// <summary>What the machine does for an attempt before its trainer runs.</summary>
    /// <param name="fraction">How far it is, 0–1.</param>
    Task<bool> Phase(int runId, int attempt, string words, double fraction);

    /// <summary>How an attempt of the machine stands; null when it has none such.</summary>
    Task<Standing?> Stand(int runId, int attempt);

    /// <summary>Stores what a dead trainer of the machine left in its journal.</summary>
    /// <returns>The highest sequence number stored.</returns>
    Task<long> Replay(int runId, int attempt, IReadOnlyList<JournalEntry> entries);

    /// <summary>Ends an attempt of the machine whose trainer is gone.</summary>
    Task<bool> End(int runId, int attempt, AttemptEnd end);
}
