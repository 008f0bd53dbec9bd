using System.Collections.Immutable;

namespace Dashboard.Access.Visitors;

/// <summary>Tells open pages and connections that somebody may no longer do the same as before.</summary>
public sealed partial class VisitorFeed(ILogger<VisitorFeed> logger)
{
    private ImmutableList<Action<string>> _listeners = [];

    /// <param name="changed">Gets the <see cref="Visitor.Key"/>; called on the thread that made the change.</param>
    public IDisposable Subscribe(Action<string> changed)
    {
        ImmutableInterlocked.Update(ref _listeners, list => list.Add(changed));
        return new Subscription(this, changed);
    }

    /// <summary>Raised for a change that was made here, for other dashboards.</summary>
    internal event Action<string>? ToldHere;

    internal void Tell(string key)
    {
        TellElsewhere(key);
        ToldHere?.Invoke(key);
    }

    /// <summary>Another dashboard made the change.</summary>
    internal void TellElsewhere(string key)
    {
        foreach (var listener in _listeners)
        {
            try
            {
                listener(key);
            }
#pragma warning disable CA1031 // The others have to hear of it: what they show or let in may be forbidden now.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                LogFailed(exception);
            }
        }
    }

    [LoggerMessage(LogLevel.Error, "A listener to changed rights failed")]
    private partial void LogFailed(Exception exception);

    private sealed class Subscription(VisitorFeed feed, Action<string> changed) : IDisposable
    {
        public void Dispose() => ImmutableInterlocked.Update(ref feed._listeners, list => list.Remove(changed));
    }
}
