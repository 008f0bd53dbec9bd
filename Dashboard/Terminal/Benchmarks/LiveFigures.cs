namespace Dashboard.Terminal.Benchmarks;

/// <param name="Browsers">Open run pages.</param>
/// <param name="StepsPerSecond">Of all machines, as they came about.</param>
/// <param name="ToWatcher">From the moment a step was due to the watcher of the hub that has it.</param>
/// <param name="ToBrowser">From the moment a step was due to the painted chart that holds it.</param>
/// <param name="Reported">Steps that the dashboard acknowledged.</param>
/// <param name="Stored">Steps in its database afterwards.</param>
/// <param name="Missed">Steps that a watcher never got.</param>
/// <param name="Unpainted">Steps that never came into a page's chart, the last second's left out.</param>
/// <param name="Cores">That the dashboard kept busy.</param>
/// <param name="BrowserCores">That the browser kept busy, on the same computer.</param>
/// <param name="MemoryMegabytes">Of the dashboard: after the warm-up, after every minute, and at the end.</param>
internal sealed record LiveFigures(
    int Machines, int Watchers, int Browsers, int Seconds, double StepsPerSecond, Latencies ToWatcher, Latencies ToBrowser,
    long Reported, long Stored, long Missed, long Unpainted, double Cores, double BrowserCores, IReadOnlyList<long> MemoryMegabytes,
    long MemoryPeakMegabytes);
