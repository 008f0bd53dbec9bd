using Dashboard.Processes;

namespace Dashboard.Access.Visitors;

/// <summary>Tells open pages and connections that somebody may no longer do the same as before. Thread-safe.</summary>
public sealed class VisitorFeed(TimeProvider time, ILogger<VisitorFeed> logger)
{
    private readonly ChangeFeed _feed = new("rights", time, logger);

    /// <summary>
    /// For one visitor. As <see cref="ChangeFeed"/> promises, a first change is told at once; so whoever has to act on each, as soon as it
    /// is made, has a subscription for nobody else.
    /// </summary>
    /// <param name="isOf">Whether a <see cref="Visitor.Key"/> is the one to hear of. Quick, and never throws.</param>
    /// <param name="changed">Never called twice at the same time for one subscription; its exceptions are its own.</param>
    public IDisposable Subscribe(Predicate<string> isOf, Func<Task> changed) =>
        _feed.Subscribe(changed, change => change.Key is not string key || isOf(key));

    /// <summary>
    /// Raised for a change that was made here, for other dashboards, with the visitor's key: on the thread that made it and not throttled.
    /// </summary>
    internal event Action<string>? ToldHere;

    internal void Tell(string key)
    {
        _feed.Tell(new Change(key));
        ToldHere?.Invoke(key);
    }

    /// <summary>Another dashboard made the change.</summary>
    internal void TellElsewhere(string key) => _feed.Tell(new Change(key, IsElsewhere: true));
}
