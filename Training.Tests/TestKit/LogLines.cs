using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Training.Tests.TestKit;

/// <summary>Keeps what an app logs.</summary>
/// <param name="least">What is below is not kept, whatever the app's own settings are.</param>
public sealed class LogLines(LogLevel least = LogLevel.Warning) : ILoggerProvider
{
    private readonly LogLevel _least = least;
    private readonly ConcurrentQueue<(string Category, string Text)> _lines = new();

    /// <summary>Lines of the categories that begin so.</summary>
    public IReadOnlyList<string> Of(string category) =>
        [.. _lines.Where(line => line.Category.StartsWith(category, StringComparison.Ordinal)).Select(line => line.Text)];

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void Dispose()
    {
    }

    private sealed class Logger(LogLines lines, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= lines._least;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel)) lines._lines.Enqueue((category, formatter(state, exception)));
        }
    }
}
