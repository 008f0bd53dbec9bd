using System.Runtime.InteropServices;

namespace Dashboard.Terminal.Output;

/// <summary>
/// Ctrl+C while a run trains: the first one cancels the verb's token, the second one completes <see cref="Second"/>. The command line
/// library hears only of the first.
/// </summary>
internal sealed class Interrupts : IDisposable
{
    /// <summary>So long the library lets a verb that was interrupted write its checkpoint; a step under way comes first.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    private readonly TaskCompletionSource _second = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly PosixSignalRegistration _registration;
    private int _count;

    public Interrupts() => _registration = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal =>
    {
        signal.Cancel = true;
        if (Interlocked.Increment(ref _count) == 2) _second.TrySetResult();
    });

    public Task Second => _second.Task;

    public void Dispose() => _registration.Dispose();
}
