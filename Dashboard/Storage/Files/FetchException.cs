using Dashboard.Processes;

namespace Dashboard.Storage.Files;

/// <summary>What a run needs can't be had; the message says what and why.</summary>
internal sealed class FetchException(string message, Exception? inner = null) : RefusalException(message, inner)
{
    /// <summary>No other attempt would get it, on no machine.</summary>
    public bool IsFinal { get; init; }
}
