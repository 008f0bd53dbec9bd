using System.Globalization;
using Dashboard.Processes;
using Dashboard.Storage;

namespace Dashboard.Runs.Submission;

/// <summary>
/// Requests that make something, by the key that a form or a program sends along: one that comes again, because somebody clicked twice or an
/// answer was lost on its way, gets what the first one made. The newest thousand are remembered, by this dashboard; a request that failed is
/// not. Thread-safe.
/// </summary>
public sealed class RepeatedRequests
{
    /// <summary>A key has at most so many characters.</summary>
    public const int MostCharacters = 200;

    private readonly LruCache<string, string> _made = new(1_000, _ => 1);

    /// <param name="key">Null or empty: the request has none, and is made anew each time.</param>
    /// <param name="make">What makes the run.</param>
    /// <returns>The id of the run that was made, now or before.</returns>
    internal async Task<int> OnceAsync(string? key, Func<CancellationToken, Task<RunRow>> make, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(key)) return (await make(cancellationToken)).Id;
        // Not the caller's token: who asks again while the first one is being made waits for the same run.
        var id = await _made.GetAsync(key, async () => (await make(CancellationToken.None)).Id.ToString(CultureInfo.InvariantCulture),
            cancellationToken);
        return int.Parse(id, CultureInfo.InvariantCulture);
    }
}
