using Dashboard.Protocol;

namespace Dashboard.Runs;

/// <summary>
/// What people ask of an attempt that trains. The store holds it already, and an attempt that is cut off reads it there when it comes back;
/// this is for whoever can reach the trainer now.
/// </summary>
public sealed class AttemptRequests
{
    /// <summary>Awaited by whoever asks, so that the trainer has been told when the answer goes out.</summary>
    public event Func<AttemptId, Task>? StopAsked;

    /// <inheritdoc cref="StopAsked"/>
    public event Func<AttemptId, Task>? PauseAsked;

    internal Task StopAsync(AttemptId attempt) => StopAsked?.Invoke(attempt) ?? Task.CompletedTask;

    internal Task PauseAsync(AttemptId attempt) => PauseAsked?.Invoke(attempt) ?? Task.CompletedTask;
}
