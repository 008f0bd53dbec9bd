using System.Collections.Concurrent;
using Dashboard.Access.Visitors;
using Dashboard.Datasets;
using Dashboard.Machines;
using Dashboard.Protocol;
using Dashboard.Runs;

namespace Dashboard.Peers;

/// <summary>Notes what changes in this dashboard, to be told to others, and tells this one what changed elsewhere. Thread-safe.</summary>
internal sealed class ChangeNotes : IDisposable
{
    private readonly RunStore _runs;
    private readonly RunFeed _feed;
    private readonly DatasetFeed _datasets;
    private readonly MachineStore _machines;
    private readonly MachineRegistry _registry;
    private readonly MachineContacts _contacts;
    private readonly VisitorFeed _visitors;
    private readonly SemaphoreSlim _some = new(0, 1);
    private readonly ConcurrentDictionary<int, byte> _changedRuns = new();
    private readonly ConcurrentDictionary<string, byte> _changedVisitors = new();
    private readonly ConcurrentDictionary<string, MachineReport> _reports = new();
    private int _datasetsChanged, _machinesChanged, _contactsChanged, _queueMoved;

    public ChangeNotes(
        RunStore runs, RunFeed feed, DatasetFeed datasets, MachineStore machines, MachineRegistry registry, MachineContacts contacts,
        VisitorFeed visitors)
    {
        (_runs, _feed, _datasets, _machines, _registry, _contacts, _visitors) =
            (runs, feed, datasets, machines, registry, contacts, visitors);
        feed.ChangedHere += NoteRun;
        feed.QueueMovedHere += NoteQueue;
        datasets.ChangedHere += NoteDatasets;
        machines.ChangedHere += NoteMachines;
        registry.ReportedHere += NoteReport;
        contacts.Written += NoteContacts;
        visitors.ToldHere += NoteVisitor;
    }

    /// <summary>Returns as soon as there is something, at the latest after <paramref name="patience"/>.</summary>
    public Task WaitAsync(TimeSpan patience, CancellationToken cancellationToken) => _some.WaitAsync(patience, cancellationToken);

    /// <summary>All that was noted since the last time.</summary>
    public PeerNews Take(string from) => new(
        from, TakeAll(_changedRuns), Interlocked.Exchange(ref _datasetsChanged, 0) == 1, Interlocked.Exchange(ref _machinesChanged, 0) == 1,
        Interlocked.Exchange(ref _contactsChanged, 0) == 1, TakeAll(_changedVisitors),
        [.. _reports.Keys.Select(name => _reports.TryRemove(name, out var report) ? report : null).OfType<MachineReport>()],
        Interlocked.Exchange(ref _queueMoved, 0) == 1);

    public void Tell(PeerNews news)
    {
        foreach (var run in news.Runs) _runs.ChangedElsewhere(run);
        if (news.MayMoveQueue) _feed.QueueMovedElsewhere();
        if (news.Datasets) _datasets.ChangedElsewhere();
        foreach (var report in news.Reports) _registry.ReportElsewhere(report);
        foreach (var visitor in news.Visitors) _visitors.TellElsewhere(visitor);
        if (news.Contacts) _contacts.ChangedElsewhere();
        if (news.Machines) _machines.ChangedElsewhere();
    }

    /// <summary>What was taken could not be told: it is taken again the next time.</summary>
    public void NoteAgain(PeerNews news)
    {
        foreach (var run in news.Runs) NoteRun(run);
        foreach (var visitor in news.Visitors) NoteVisitor(visitor);
        // Newer ones may have come meanwhile.
        foreach (var report in news.Reports) _reports.TryAdd(report.Name, report);
        if (news.Datasets) NoteDatasets();
        if (news.Machines) NoteMachines();
        if (news.Contacts) NoteContacts();
        if (news.Queue == true) NoteQueue();
    }

    /// <summary>Nobody knows what changed: whoever looks asks again.</summary>
    public void TellAnything()
    {
        _runs.ChangedElsewhere(null);
        _feed.QueueMovedElsewhere();
        _datasets.ChangedElsewhere();
    }

    public void Dispose()
    {
        _feed.ChangedHere -= NoteRun;
        _feed.QueueMovedHere -= NoteQueue;
        _datasets.ChangedHere -= NoteDatasets;
        _machines.ChangedHere -= NoteMachines;
        _registry.ReportedHere -= NoteReport;
        _contacts.Written -= NoteContacts;
        _visitors.ToldHere -= NoteVisitor;
        _some.Dispose();
    }

    private static List<T> TakeAll<T>(ConcurrentDictionary<T, byte> noted) where T : notnull =>
        [.. noted.Keys.Where(key => noted.TryRemove(key, out _))];

    private void NoteRun(int id)
    {
        _changedRuns[id] = 0;
        Wake();
    }

    private void NoteVisitor(string key)
    {
        _changedVisitors[key] = 0;
        Wake();
    }

    private void NoteReport(MachineReport report)
    {
        _reports[report.Name] = report;
        Wake();
    }

    private void NoteDatasets() => Note(ref _datasetsChanged);

    private void NoteMachines() => Note(ref _machinesChanged);

    private void NoteContacts() => Note(ref _contactsChanged);

    private void NoteQueue() => Note(ref _queueMoved);

    private void Note(ref int changed)
    {
        Volatile.Write(ref changed, 1);
        Wake();
    }

    private void Wake()
    {
        try
        {
            if (_some.CurrentCount == 0) _some.Release();
        }
        catch (Exception e) when (e is SemaphoreFullException or ObjectDisposedException)
        {
            // Somebody else woke it, or it has ended.
        }
    }
}
