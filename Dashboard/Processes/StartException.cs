namespace Dashboard.Processes;

/// <summary>Why the dashboard, or a trainer of it, can't start, in words for the terminal.</summary>
public sealed class StartException(string message) : RefusalException(message);
