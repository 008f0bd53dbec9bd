using Dashboard.Processes;
using Dashboard.Protocol;
using Dashboard.Storage;
using Microsoft.EntityFrameworkCore;
using Training.Core.Metrics;

namespace Dashboard.Runs.Events;

/// <summary>
/// All points of recently viewed runs in memory: read from the database on first use, grown by <see cref="RunStore"/>,
/// given up least recently viewed first when more than <paramref name="maxPoints"/> are held.
/// </summary>
internal sealed class CurveCache(IDbContextFactory<DashboardDb> databases, long maxPoints = CurveCache.DefaultMaxPoints)
{
    /// <summary>16 bytes a point: 200 MB.</summary>
    private const long DefaultMaxPoints = 12_000_000;

    private readonly LruCache<int, Entry> _entries = new(maxPoints, entry => entry.Points);

    public async Task<CurveView> ViewAsync(
        int runId, RunSeries series, double? from, double? to, int maxBuckets, double smoothing, CancellationToken cancellationToken)
    {
        // Registered before it reads: rows that are stored from now on arrive through Add, those before by the read.
        using var loan = await _entries.BorrowAsync(runId, () => Task.FromResult(new Entry()), cancellationToken);
        var entry = loan.Value;
        if (!entry.Loaded) await LoadAsync(runId, entry, cancellationToken);
        return entry.Curves[(int)series].View(from, to, maxBuckets, smoothing);
    }

    /// <summary>Rows that were just stored, in order; a point that is already there is ignored.</summary>
    public void Add(int runId, IReadOnlyList<StepRow> steps, IReadOnlyList<EpochRow> epochs) =>
        _entries.Change(runId, entry => entry.Append(steps, epochs));

    /// <summary>Another dashboard may have stored more: it is read when somebody looks.</summary>
    /// <param name="runId">Null: of any run.</param>
    public void Doubt(int? runId)
    {
        foreach (var (id, entry) in _entries.Loaded)
            if (runId is null || id == runId) entry.Doubt();
    }

    public void Forget(int runId) => _entries.Remove(runId);

    private async Task LoadAsync(int runId, Entry entry, CancellationToken cancellationToken)
    {
        await entry.Gate.WaitAsync(cancellationToken);
        try
        {
            if (entry.Loaded) return;
            var (step, epochStep, doubts) = entry.BeginLoad();
            // A million rows take a second or so, and SQLite reads on the calling thread: not on a page's.
            await Task.Run(() => ReadAsync(runId, entry, step, epochStep, cancellationToken), cancellationToken);
            entry.EndLoad(doubts);
        }
        finally
        {
            entry.Gate.Release();
        }
    }

    /// <summary>What comes after those that are here.</summary>
    private async Task ReadAsync(int runId, Entry entry, int after, int afterEpochAt, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var steps = db.Steps.AsNoTracking().Where(step => step.RunId == runId && step.Step > after && step.Step <= MessageRules.MostSteps)
            .OrderBy(step => step.Step)
            .Select(step => new { step.Step, step.Loss, step.LearningRate, step.ImagesPerSecond });
        await foreach (var step in steps.AsAsyncEnumerable().WithCancellation(cancellationToken))
            entry.Add(step.Step, step.Loss, step.LearningRate, step.ImagesPerSecond);
        var epochs = db.Epochs.AsNoTracking()
            .Where(epoch => epoch.RunId == runId && epoch.Step > afterEpochAt && epoch.Step <= MessageRules.MostSteps && epoch.Epoch >= 0
                && epoch.Epoch <= MessageRules.MostEpochs).OrderBy(epoch => epoch.Epoch);
        await foreach (var epoch in epochs.AsAsyncEnumerable().WithCancellation(cancellationToken)) entry.Add(epoch);
    }

    private sealed class Entry
    {
        private readonly Lock _gate = new();

        /// <summary>What arrives while older rows are being read: added at once, it would hide them.</summary>
        private List<(IReadOnlyList<StepRow> Steps, IReadOnlyList<EpochRow> Epochs)> _arrived = [];
        private volatile bool _loaded, _loading;
        private int _lastStep, _lastEpochStep = -1, _doubts;

        /// <summary>One reader at a time.</summary>
        public SemaphoreSlim Gate { get; } = new(1);
        public Curve[] Curves { get; } = [.. Enum.GetValues<RunSeries>().Select(_ => new Curve())];

        public bool Loaded => _loaded;

        public long Points => Curves.Sum(curve => (long)curve.Count);

        /// <returns>
        /// The last step that is here, the last one at which an epoch ended, and what <see cref="EndLoad"/> wants to know.
        /// </returns>
        public (int Step, int EpochStep, int Doubts) BeginLoad()
        {
            lock (_gate)
            {
                _arrived = [];
                _loading = true;
                return (_lastStep, _lastEpochStep, _doubts);
            }
        }

        /// <param name="doubts">When there are more by now, the rest is read at the next look.</param>
        public void EndLoad(int doubts)
        {
            lock (_gate)
            {
                if (doubts == _doubts) foreach (var (steps, epochs) in _arrived) AddAll(steps, epochs);
                _arrived = [];
                _loading = false;
                _loaded = doubts == _doubts;
            }
        }

        public void Doubt()
        {
            lock (_gate)
            {
                _doubts++;
                _loaded = false;
            }
        }

        public void Append(IReadOnlyList<StepRow> steps, IReadOnlyList<EpochRow> epochs)
        {
            lock (_gate)
            {
                // What another dashboard stored before comes first.
                if (_loaded && steps.Count > 0 && steps[0].Step > _lastStep + 1) _loaded = false;
                if (_loaded) AddAll(steps, epochs);
                else if (_loading) _arrived.Add((steps, epochs));
            }
        }

        private void AddAll(IReadOnlyList<StepRow> steps, IReadOnlyList<EpochRow> epochs)
        {
            foreach (var step in steps) Add(step);
            foreach (var epoch in epochs) Add(epoch);
        }

        private void Add(StepRow row) => Add(row.Step, row.Loss, row.LearningRate, row.ImagesPerSecond);

        public void Add(int step, double? loss, double learningRate, double imagesPerSecond)
        {
            _lastStep = Math.Max(_lastStep, step);
            Of(RunSeries.TrainLoss).Add(step, loss ?? double.NaN);
            Of(RunSeries.LearningRate).Add(step, learningRate);
            Of(RunSeries.ImagesPerSecond).Add(step, imagesPerSecond);
        }

        public void Add(EpochRow row)
        {
            _lastEpochStep = Math.Max(_lastEpochStep, row.Step);
            Of(RunSeries.EpochTrainLoss).Add(row.Step, row.TrainLoss ?? double.NaN);
            Of(RunSeries.ValLoss).Add(row.Step, row.ValLoss ?? double.NaN);
            Of(RunSeries.ValAccuracy).Add(row.Step, row.ValAccuracy);
        }

        private Curve Of(RunSeries series) => Curves[(int)series];
    }
}
