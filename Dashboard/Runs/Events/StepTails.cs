using System.Collections.Concurrent;
using Dashboard.Storage;

namespace Dashboard.Runs.Events;

/// <summary>
/// The newest steps of live runs in memory, as they were stored here: those who follow a run ask for them ten times a second each. Another
/// dashboard over the same database may store some too; then the run's row says so, and what is here isn't used. Thread-safe.
/// </summary>
internal sealed class StepTails
{
    private const int MaxRuns = 256;
    private const int MaxSteps = 1_000;

    private readonly ConcurrentDictionary<int, Tail> _tails = new();

    /// <param name="before">The run's last step before these.</param>
    /// <param name="steps">In order; just stored.</param>
    public void Add(int runId, int before, IReadOnlyList<StepRow> steps)
    {
        if (steps.Count == 0) return;
        if (_tails.Count > MaxRuns) _tails.Clear();
        _tails.GetOrAdd(runId, _ => new Tail()).Add(before, steps);
    }

    /// <summary>
    /// All steps after <paramref name="after"/> until at least <paramref name="last"/>, in order; null when they aren't all here.
    /// </summary>
    public IReadOnlyList<StepRow>? Find(int runId, int after, int last) =>
        _tails.TryGetValue(runId, out var tail) ? tail.Find(after, last) : null;

    public void Forget(int runId) => _tails.TryRemove(runId, out _);

    private sealed class Tail
    {
        private readonly Lock _gate = new();
        private readonly List<StepRow> _steps = [];

        /// <summary>Every later step is here.</summary>
        private int _from;

        public void Add(int before, IReadOnlyList<StepRow> steps)
        {
            lock (_gate)
            {
                if (_steps.Count == 0 || _steps[^1].Step != before)
                {
                    _steps.Clear();
                    _from = before;
                }
                _steps.AddRange(steps);
                if (_steps.Count <= 2 * MaxSteps) return;
                _from = _steps[^(MaxSteps + 1)].Step;
                _steps.RemoveRange(0, _steps.Count - MaxSteps);
            }
        }

        public List<StepRow>? Find(int after, int last)
        {
            lock (_gate)
            {
                if (_steps.Count == 0 || after < _from || _steps[^1].Step < last) return null;
                var first = _steps.Count;
                while (first > 0 && _steps[first - 1].Step > after) first--;
                return _steps.GetRange(first, _steps.Count - first);
            }
        }
    }
}
