using Training.Core.Runs;

namespace Dashboard.Runs.Events;

/// <summary>
/// Sets the times of events by the dashboard's clock. A machine's clock may be hours off, and a run's duration, the time it has left and
/// the order of runs are made of both clocks.
/// </summary>
internal static class EventClock
{
    /// <summary>Clocks that differ by less are left alone: most of it is the message's way.</summary>
    private static readonly TimeSpan Alike = TimeSpan.FromSeconds(2);

    /// <param name="ahead">So far the dashboard's clock is ahead of the machine's; negative when it is behind.</param>
    /// <param name="now">Nothing has happened later.</param>
    public static IReadOnlyList<JournalEntry> Set(IReadOnlyList<JournalEntry> entries, TimeSpan ahead, DateTimeOffset now)
    {
        if (ahead.Duration() < Alike) ahead = TimeSpan.Zero;
        if (ahead == TimeSpan.Zero && entries.All(entry => entry.At <= now)) return entries;
        return [.. entries.Select(entry =>
            entry with { At = new DateTimeOffset(Math.Clamp(entry.At.UtcTicks + ahead.Ticks, 0, now.UtcTicks), TimeSpan.Zero) })];
    }
}
