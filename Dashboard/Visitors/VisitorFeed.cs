using System.Collections.Immutable;

namespace Dashboard.Visitors;

/// <summary>Tells open pages and connections that somebody may no longer do the same as before.</summary>
public sealed class VisitorFeed
{
    private ImmutableList<Action<string>> _listeners = [];

    /// <param name="changed">Gets the <see cref="Visitor.Key"/>; called on the thread that made the change.</param>
    public IDisposable Subscribe(Action<string> changed)
    {
        ImmutableInterlocked.Update(ref _listeners, list => list.Add(changed));
        return new Subscription(this, changed);
    }

    internal void Tell(string key)
    {
        foreach (var listener in _listeners) listener(key);
    }

    private sealed class Subscription(VisitorFeed feed, Action<string> changed) : IDisposable
    {
        public void Dispose() => ImmutableInterlocked.Update(ref feed._listeners, list => list.Remove(changed));
    }
}
