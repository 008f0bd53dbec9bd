using System.Globalization;
using System.Text.Json.Serialization;
using Dashboard.Processes;

namespace Dashboard.Api.HealthCheck;

/// <summary>What <c>/health</c> answers.</summary>
/// <param name="Status">"starting" until the demo dataset can be used, then "healthy", "degraded" with what is missing, or "unhealthy"
/// (503) with what is out of reach.</param>
/// <param name="Failing">Parts that work in the background and can't; null while all do.</param>
internal sealed record Health(
    string Status,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Words = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<Health.Part>? Failing = null)
{
    /// <param name="redisSilentSince">Null: it answers, or there is none.</param>
    /// <param name="fullDisks">What waits for room, in sentences; null: nothing.</param>
    public static Health Of(bool isStarting, DateTimeOffset? redisSilentSince, IReadOnlyList<FailingPart> failing, string? fullDisks = null)
    {
        List<string> words = [];
        if (isStarting) words.Add("The demo dataset is being drawn: a run on it can start in a moment.");
        if (redisSilentSince is { } since)
            words.Add(string.Create(CultureInfo.InvariantCulture, $"Redis doesn't answer since {since:u}: pages follow other dashboards' "
                + $"runs more slowly."));
        if (fullDisks is not null) words.Add(fullDisks);
        // Anybody may ask here: how it fails stands on the settings page and in the log.
        words.AddRange(failing.Select(part => string.Create(CultureInfo.InvariantCulture, $"{part.Name} fails since {part.Since:u} and is "
            + $"tried again; the log says why.")));
        return new Health(
            isStarting ? "starting" : words.Count == 0 ? "healthy" : "degraded", words.Count == 0 ? null : string.Join(" ", words),
            failing.Count == 0 ? null : [.. failing.Select(part => new Part(part.Name, part.Since))]);
    }

    internal sealed record Part(string Name, DateTimeOffset Since);
}
