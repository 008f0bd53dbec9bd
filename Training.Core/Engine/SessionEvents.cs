using Training.Core.Runs;

namespace Training.Core.Engine;

/// <summary>A session's way to its sink. Nothing follows <see cref="Ended"/>, whoever says it first. Thread-safe.</summary>
internal sealed class SessionEvents(IRunEventSink sink)
{
    private readonly Lock _lock = new();
    private Ended? _ended;

    public void Report(RunEvent runEvent)
    {
        lock (_lock)
        {
            if (_ended is null) sink.Report(runEvent);
        }
    }

    public void Log(string text, RunLogLevel level = RunLogLevel.Information) => Report(new Logged(level, text));

    /// <summary>The first end counts.</summary>
    public Ended End(Ended ended)
    {
        lock (_lock)
        {
            if (_ended is not null) return _ended;
            sink.Report(ended);
            return _ended = ended;
        }
    }
}
