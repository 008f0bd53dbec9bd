using Training.Core.Runs;

namespace Dashboard.Terminal.Benchmarks;

/// <summary>What came of the benchmark of live pages.</summary>
internal sealed record LiveFigures
{
    // One flat object in JSON: see InlinedAttribute.
    [Inlined] public required LiveLoad Load { get; init; }

    /// <summary>From the moment a step was due to the watcher of the hub that has it.</summary>
    public required Latencies ToWatcher { get; init; }

    /// <summary>From the moment a step was due to the painted chart that holds it.</summary>
    public required Latencies ToBrowser { get; init; }
    [Inlined] public required LiveDeliveries Deliveries { get; init; }
    [Inlined] public required LiveCosts Costs { get; init; }
}

/// <summary>What was asked of the dashboard.</summary>
internal sealed record LiveLoad
{
    public required int Machines { get; init; }
    public required int Watchers { get; init; }

    /// <summary>Open run pages.</summary>
    public required int Browsers { get; init; }
    public required int Seconds { get; init; }

    /// <summary>Of all machines, as they came about.</summary>
    public required double StepsPerSecond { get; init; }
}

/// <summary>Whether every step arrived everywhere.</summary>
internal sealed record LiveDeliveries
{
    /// <summary>Steps that the dashboard acknowledged.</summary>
    public required long Reported { get; init; }

    /// <summary>Steps in its database afterwards.</summary>
    public required long Stored { get; init; }

    /// <summary>Steps that a watcher never got.</summary>
    public required long Missed { get; init; }

    /// <summary>Steps that never came into a page's chart, the last second's left out.</summary>
    public required long Unpainted { get; init; }
}

/// <summary>What it took.</summary>
internal sealed record LiveCosts
{
    /// <summary>That the dashboard kept busy.</summary>
    public required double Cores { get; init; }

    /// <summary>That the browser kept busy, on the same computer.</summary>
    public required double BrowserCores { get; init; }

    /// <summary>Of the dashboard: after the warm-up, after every minute, and at the end.</summary>
    public required IReadOnlyList<long> MemoryMegabytes { get; init; }
    public required long MemoryPeakMegabytes { get; init; }
}
