using System.Collections.Concurrent;
using System.Globalization;

namespace Dashboard.Machines;

/// <summary>
/// Who is connected now: trainers by run, machines by name, and since when they are not. Only connections count, and only this computer's
/// clock: what others' clocks say doesn't matter. In memory; connections to other dashboards come from <see cref="Peers.ContactSync"/>.
/// Thread-safe.
/// </summary>
public sealed class MachineContacts(TimeProvider time) : IDisposable
{
    private readonly DateTimeOffset _begin = time.GetUtcNow();
    private readonly ConcurrentDictionary<string, Contact> _here = new();
    private readonly ConcurrentDictionary<string, byte> _changed = new();
    private readonly SemaphoreSlim _wake = new(0, 1);
    private volatile IReadOnlyDictionary<string, IReadOnlyList<ContactElsewhere>> _elsewhere =
        new Dictionary<string, IReadOnlyList<ContactElsewhere>>();

    /// <summary>Raised when others can read who came or went here.</summary>
    internal event Action? Written;

    public void TrainerCame(int runId, int attempt, string connection) => Came(Trainer(runId), new Contact(connection, attempt, null));

    /// <summary>A connection that was replaced by a later one changes nothing.</summary>
    public void TrainerWent(int runId, string connection) => Went(Trainer(runId), connection);

    public void MachineCame(string name, string connection) => Came(Machine(name), new Contact(connection, 0, null));

    public void MachineWent(string name, string connection) => Went(Machine(name), connection);

    /// <summary>
    /// Since when an attempt's trainer is not connected; null while it is. Before it ever came: since this dashboard's start.
    /// </summary>
    public DateTimeOffset? TrainerAwaySince(int runId, int attempt) => AwaySince(Trainer(runId), attempt);

    /// <summary>Whether an attempt's trainer has ever come to a dashboard that lives.</summary>
    public bool HasTrainerCome(int runId, int attempt) => Of(Trainer(runId), attempt).Any();

    /// <summary>Since when a machine is not connected; null while it is. One that never came: since this dashboard's start.</summary>
    public DateTimeOffset? MachineAwaySince(string name) => AwaySince(Machine(name), 0);

    /// <summary>The attempt is over; the trainer of a later one may be here already.</summary>
    public void Forget(int runId, int attempt)
    {
        var who = Trainer(runId);
        if (_here.TryGetValue(who, out var contact) && contact.Attempt <= attempt && _here.TryRemove(new(who, contact))) Changed(who);
    }

    /// <summary>What is connected, or was last, to this dashboard; null when nothing was.</summary>
    internal (int Attempt, DateTimeOffset? LeftAt)? Here(string who) =>
        _here.TryGetValue(who, out var contact) ? (contact.Attempt, contact.LeftAt) : null;

    /// <summary>Who came or went since the last time.</summary>
    internal IReadOnlyList<string> TakeChanged() => [.. _changed.Keys.Where(who => _changed.TryRemove(who, out _))];

    internal void ChangedAgain(IEnumerable<string> changed)
    {
        foreach (var who in changed) _changed[who] = 0;
    }

    internal void TellWritten() => Written?.Invoke();

    internal void ChangedElsewhere() => Wake();

    internal void SetElsewhere(IReadOnlyDictionary<string, IReadOnlyList<ContactElsewhere>> contacts) => _elsewhere = contacts;

    /// <summary>Returns as soon as somebody came or went, here or elsewhere, at the latest after <paramref name="patience"/>.</summary>
    internal Task WaitAsync(TimeSpan patience, CancellationToken cancellationToken) => _wake.WaitAsync(patience, cancellationToken);

    public void Dispose() => _wake.Dispose();

    private static string Trainer(int runId) => string.Create(CultureInfo.InvariantCulture, $"run {runId}");

    private static string Machine(string name) => $"machine {name}";

    private void Came(string who, Contact contact)
    {
        // A trainer whose attempt is over says nothing of the one that trains now.
        var kept = _here.AddOrUpdate(who, contact, (_, before) => before.Attempt > contact.Attempt ? before : contact);
        if (kept == contact) Changed(who);
    }

    private void Went(string who, string connection)
    {
        if (!_here.TryGetValue(who, out var contact) || contact.Connection != connection) return;
        if (_here.TryUpdate(who, contact with { LeftAt = time.GetUtcNow() }, contact)) Changed(who);
    }

    /// <summary>All that is known of one attempt, or of a machine, at this dashboard and others.</summary>
    private IEnumerable<DateTimeOffset?> Of(string who, int attempt)
    {
        if (_here.TryGetValue(who, out var here) && here.Attempt == attempt) yield return here.LeftAt;
        foreach (var contact in _elsewhere.GetValueOrDefault(who) ?? [])
            if (contact.Attempt == attempt) yield return contact.LeftAt;
    }

    private DateTimeOffset? AwaySince(string who, int attempt)
    {
        var latest = DateTimeOffset.MinValue;
        foreach (var leftAt in Of(who, attempt))
        {
            if (leftAt is not { } left) return null;
            if (left > latest) latest = left;
        }
        return latest == DateTimeOffset.MinValue ? _begin : latest;
    }

    private void Changed(string who)
    {
        _changed[who] = 0;
        Wake();
    }

    private void Wake()
    {
        try
        {
            if (_wake.CurrentCount == 0) _wake.Release();
        }
        catch (Exception e) when (e is SemaphoreFullException or ObjectDisposedException)
        {
            // Somebody else woke it, or the dashboard ends.
        }
    }

    private sealed record Contact(string Connection, int Attempt, DateTimeOffset? LeftAt);
}

/// <summary>A connection to another dashboard.</summary>
/// <param name="Attempt">0 for a machine.</param>
/// <param name="LeftAt">Null while it is there; by this computer's clock.</param>
internal sealed record ContactElsewhere(int Attempt, DateTimeOffset? LeftAt);
