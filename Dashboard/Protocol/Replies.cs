namespace Dashboard.Protocol;

/// <summary>The answer to a call by which a connection says who it is.</summary>
public interface IAdmission
{
    /// <summary>Why it may not; null when it may.</summary>
    string? Refusal { get; }
}

/// <param name="Name">As the dashboard knows the machine.</param>
/// <param name="Key">The machine's own secret, when it joined just now; it is not told again.</param>
/// <param name="Refusal">Why it may not; null when it may.</param>
public sealed record JoinReply(string? Name, string? Key, string? Refusal) : IAdmission;

/// <param name="LastSequence">The highest sequence number that is stored; the trainer goes on after it.</param>
/// <param name="StopRequested">Somebody asked the run to stop while the trainer was away.</param>
/// <param name="PauseRequested">The same for a pause.</param>
/// <param name="Over">The run has ended or rests here: nothing more is taken.</param>
/// <param name="Refusal">Why the connection was not bound, beginning with <see cref="MachineProtocol.UnknownAttempt"/> or
/// <see cref="MachineProtocol.StaleAttempt"/>; null when it was.</param>
public sealed record AttachReply(long LastSequence, bool StopRequested, bool PauseRequested, bool Over, string? Refusal = null)
    : IAdmission;
