using Training.Core.Runs;

namespace Dashboard.Protocol;

/// <summary>What of a journal goes into one message: far less than the dashboard takes, whatever stands in it.</summary>
internal static class JournalBatch
{
    private const int MostEntries = 500;
    private const int MostCharacters = 500_000;

    /// <summary>The first of those that wait; at least one.</summary>
    public static List<JournalEntry> Take(Queue<JournalEntry> waiting)
    {
        List<JournalEntry> batch = [];
        var characters = 0;
        while (batch.Count < MostEntries && characters < MostCharacters && waiting.TryDequeue(out var entry))
        {
            batch.Add(entry);
            characters += entry.Event switch { Logged logged => logged.Text.Length, Ended ended => ended.Reason.Length, _ => 0 };
        }
        return batch;
    }
}
