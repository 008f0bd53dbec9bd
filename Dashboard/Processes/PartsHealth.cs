using System.Text.RegularExpressions;

namespace Dashboard.Processes;

/// <summary>Which parts of this process that work in the background can't do so at the moment, and since when. Thread-safe.</summary>
public sealed partial class PartsHealth(TimeProvider time, ILogger<PartsHealth> logger)
{
    /// <summary>Of one part, until it works again.</summary>
    private const int MostKinds = 20;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, (FailingPart Part, HashSet<string> Kinds)> _failing = [];

    /// <summary>The one that has failed for longest first.</summary>
    public IReadOnlyList<FailingPart> Failing
    {
        get
        {
            lock (_gate) return [.. _failing.Values.Select(each => each.Part).OrderBy(part => part.Since)];
        }
    }

    /// <summary>
    /// In the log once for each kind of failure, until it works again: a part that tries for ever must not fill the disk.
    /// </summary>
    public void Failed(string part, Exception exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        var kind = $"{exception.GetType().FullName} {Digits().Replace(exception.Message, "0")}";
        bool isNew;
        lock (_gate)
        {
            if (!_failing.TryGetValue(part, out var known)) known = (new FailingPart(part, time.GetUtcNow(), ""), []);
            isNew = known.Kinds.Count < MostKinds && known.Kinds.Add(kind);
            _failing[part] = (known.Part with { Words = exception.Message }, known.Kinds);
        }
        if (isNew) LogFailed(exception, part);
    }

    public void Works(string part)
    {
        FailingPart failed;
        lock (_gate)
        {
            if (!_failing.Remove(part, out var known)) return;
            failed = known.Part;
        }
        LogWorks(part, failed.Since);
    }

    [GeneratedRegex(@"\d+")]
    private static partial Regex Digits();

    [LoggerMessage(LogLevel.Error, "{Part} fails; it is tried again, and failures of the same kind are not told of until it works")]
    private partial void LogFailed(Exception exception, string part);

    [LoggerMessage(LogLevel.Information, "{Part} works again; it had failed since {Since:u}")]
    private partial void LogWorks(string part, DateTimeOffset since);
}

/// <param name="Name">Such as "Measuring this machine".</param>
/// <param name="Words">Of the last failure; it may name files and addresses, which is not for everybody.</param>
public sealed record FailingPart(string Name, DateTimeOffset Since, string Words);
