namespace Dashboard.Protocol;

/// <summary>How machines and trainers speak with a dashboard: where, how often, and the words that both ends compare.</summary>
public static class MachineProtocol
{
    /// <summary>Of the hub for machines (<see cref="IMachineHub"/>) and trainers (<see cref="ITrainerHub"/>).</summary>
    public const string Path = "/hubs/machines";

    /// <summary>Raised whenever a machine and a dashboard would misunderstand each other.</summary>
    public const int Version = 1;

    /// <summary>What the dashboard calls on machines when there may be something to take; no arguments.</summary>
    public const string LookMessage = "Look";

    /// <summary>What the dashboard calls on a trainer that shall stop; no arguments.</summary>
    public const string StopMessage = "Stop";

    /// <summary>What the dashboard calls on a trainer that shall write a checkpoint and leave; no arguments.</summary>
    public const string PauseMessage = "Pause";

    /// <summary>Starts a refusal: the machine was removed, its secret is wrong, or it has not joined.</summary>
    public const string UnknownMachine = "unknown-machine";

    /// <summary>Starts a refusal: no attempt has this number and secret here.</summary>
    public const string UnknownAttempt = "unknown-attempt";

    /// <summary>Starts a refusal: the run has ended or moved on, its trainer has to stop.</summary>
    public const string StaleAttempt = "stale-attempt";

    /// <summary>Starts the refusal of a message that can't be: sending it again would end the same way.</summary>
    public const string ImpossibleMessage = "impossible-message";

    /// <summary>Far above a full batch of <see cref="JournalBatch"/>.</summary>
    public const long MaxMessageBytes = 4 << 20;

    /// <summary>Both sides ping so often, and notice within <see cref="Silence"/> that the other one is gone.</summary>
    public static readonly TimeSpan Ping = TimeSpan.FromSeconds(2);

    public static readonly TimeSpan Silence = TimeSpan.FromSeconds(8);

    /// <summary>Within this a connection has said which protocol it speaks.</summary>
    public static readonly TimeSpan HandshakeTime = TimeSpan.FromSeconds(10);
}
