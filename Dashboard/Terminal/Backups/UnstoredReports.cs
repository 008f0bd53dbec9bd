using Dashboard.Storage;
using Microsoft.EntityFrameworkCore;
using Training.Core.Runs;

namespace Dashboard.Terminal.Backups;

/// <summary>
/// What trainers on this computer have written into their journals and the dashboard has yet to store: usually a fraction of a second's. A
/// checkpoint is from before its last step was stored.
/// </summary>
internal sealed class UnstoredReports(DashboardOptions options, Func<DashboardDb> open, TimeProvider time)
{
    /// <summary>A dashboard that doesn't run stores nothing; its trainers' journals are in the backup.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(100);

    /// <summary>Until all that is reported now is stored, or for some seconds.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        await using var db = open();
        var begun = await db.Attempts.AsNoTracking().Where(attempt => attempt.EndedAt == null)
            .Select(attempt => new { attempt.RunId, attempt.Number }).ToListAsync(cancellationToken);
        var reported = begun.ToDictionary(attempt => (attempt.RunId, attempt.Number), attempt =>
            Last(options.RunFolder(attempt.RunId).Journal(attempt.Number)));
        for (var since = time.GetTimestamp(); time.GetElapsedTime(since) < Patience; await Task.Delay(LookAgain, time, cancellationToken))
        {
            var stored = await db.Attempts.AsNoTracking().Where(attempt => attempt.EndedAt == null)
                .Select(attempt => new { attempt.RunId, attempt.Number, attempt.LastSequence }).ToListAsync(cancellationToken);
            if (stored.TrueForAll(attempt => attempt.LastSequence >= reported.GetValueOrDefault((attempt.RunId, attempt.Number)))) return;
        }
    }

    private static long Last(string journal)
    {
        if (!File.Exists(journal)) return 0;
        using var file = new FileStream(journal, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        return JournalFile.WholeLines(file).LastSequence;
    }
}
