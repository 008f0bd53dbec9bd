using System.Diagnostics;
using Dashboard.Processes;

namespace Dashboard.Dispatch.Trainers;

/// <summary>A trainer process: one that this dashboard started, or one that an earlier dashboard left behind.</summary>
internal sealed class TrainerProcess : IDisposable
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(250);

    private readonly Process? _child;
    private readonly TimeProvider _time;

    /// <summary>One for all looks: each wait for a process adds a handler to it that stays until it ends.</summary>
    private readonly Task? _exited;

    private TrainerProcess(ProcessIdentity identity, Process? child, TimeProvider time) =>
        (Identity, _child, _time, _exited) = (identity, child, time, child?.WaitForExitAsync());

    public ProcessIdentity Identity { get; }

    /// <summary>
    /// Sixty-four and up are reserved; see <see cref="TrainerExitCode"/>. Above 128: 128 + the signal that ended it. Null when nobody can
    /// know.
    /// </summary>
    public int? ExitCode => _child is { HasExited: true } ? _child.ExitCode : null;

    public static TrainerProcess Start(ProcessStartInfo start, TimeProvider time)
    {
        // Null is for documents that another program has open already.
        var child = Process.Start(start)!;
        return new TrainerProcess(ProcessIdentity.Of(child.Id) ?? new ProcessIdentity(child.Id, 0), child, time);
    }

    /// <summary>Watches a process that is not our child.</summary>
    public static TrainerProcess TakeUp(ProcessIdentity identity, TimeProvider time) => new(identity, null, time);

    /// <summary>Returns true as soon as the process is gone, false after <paramref name="patience"/>.</summary>
    public async Task<bool> WaitAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        if (_exited is null) return await PollAsync(patience, cancellationToken);
        try
        {
            await _exited.WaitAsync(patience, _time, cancellationToken);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    public void Dispose() => _child?.Dispose();

    private async Task<bool> PollAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        for (var waited = TimeSpan.Zero; waited < patience; waited += Poll)
        {
            if (!Identity.IsAlive) return true;
            await Task.Delay(Poll, _time, cancellationToken);
        }
        return !Identity.IsAlive;
    }
}

/// <summary>What a trainer says by its exit code. Zero: how the run ended stands in the journal.</summary>
internal static class TrainerExitCode
{
    public const int Done = 0;

    /// <summary>The trainer's arguments or its secret are missing.</summary>
    public const int Usage = 64;

    /// <summary>The journal could not be written, so nothing more could be reported.</summary>
    public const int JournalBroken = 74;
}
