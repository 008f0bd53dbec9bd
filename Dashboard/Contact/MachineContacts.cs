using System.Collections.Concurrent;

namespace Dashboard.Contact;

/// <summary>
/// Who is connected now: trainers by run, machines by name, and since when they are not. Only connections count, and only this computer's
/// clock: what others' clocks say doesn't matter. In memory. Thread-safe.
/// </summary>
public sealed class MachineContacts(TimeProvider time)
{
    private readonly DateTimeOffset _begin = time.GetUtcNow();
    private readonly ConcurrentDictionary<int, Contact> _trainers = new();
    private readonly ConcurrentDictionary<string, Contact> _machines = new();

    public void TrainerCame(int runId, int attempt, string connection) => _trainers[runId] = new Contact(connection, attempt, null);

    /// <summary>A connection that was replaced by a later one changes nothing.</summary>
    public void TrainerWent(int runId, string connection)
    {
        if (_trainers.TryGetValue(runId, out var contact) && contact.Connection == connection)
            _trainers.TryUpdate(runId, contact with { LeftAt = time.GetUtcNow() }, contact);
    }

    public void MachineCame(string name, string connection) => _machines[name] = new Contact(connection, 0, null);

    public void MachineWent(string name, string connection)
    {
        if (_machines.TryGetValue(name, out var contact) && contact.Connection == connection)
            _machines.TryUpdate(name, contact with { LeftAt = time.GetUtcNow() }, contact);
    }

    /// <summary>Since when an attempt's trainer is not connected; null while it is. Before it ever came: since this dashboard's start.</summary>
    public DateTimeOffset? TrainerAwaySince(int runId, int attempt) =>
        _trainers.TryGetValue(runId, out var contact) && contact.Attempt == attempt ? contact.LeftAt : _begin;

    /// <summary>Whether an attempt's trainer has ever come to this dashboard.</summary>
    public bool HasTrainerCome(int runId, int attempt) => _trainers.TryGetValue(runId, out var contact) && contact.Attempt == attempt;

    /// <summary>Since when a machine is not connected; null while it is. One that never came: since this dashboard's start.</summary>
    public DateTimeOffset? MachineAwaySince(string name) => _machines.TryGetValue(name, out var contact) ? contact.LeftAt : _begin;

    public void Forget(int runId) => _trainers.TryRemove(runId, out _);

    private sealed record Contact(string Connection, int Attempt, DateTimeOffset? LeftAt);
}
