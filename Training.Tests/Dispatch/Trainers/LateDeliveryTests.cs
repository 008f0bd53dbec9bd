using Dashboard.Dispatch;
using Dashboard.Dispatch.Trainers;
using Dashboard.Processes;
using Dashboard.Protocol;
using Dashboard.Runs;
using Dashboard.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Training.Core.Runs;
using Training.Tests.TestKit;

namespace Training.Tests.Dispatch.Trainers;

/// <summary>A trainer elsewhere that ended while nobody could be reached: its machine delivers for it.</summary>
public sealed class LateDeliveryTests : IDisposable
{
    private const int Run = 1;
    private readonly TemporaryFolder _root = new();

    [Fact]
    public async Task Settle_OfACompletedRun_SendsItsFilesBeforeTheEndThatClosesTheAttempt()
    {
        var dashboard = new FarDashboard();
        var options = new DashboardOptions { DataRoot = _root.Path };
        Directory.CreateDirectory(options.RunFolder(Run).Path);
        using (var journal = Journal.Open(options.RunFolder(Run).Journal(1), TimeProvider.System))
            journal.Append(new Ended(RunOutcome.Completed, "All done", 1, 0.9, 3));
        var watch = new AttemptWatch(
            dashboard, Options.Create(options), new Guard(new PartsHealth(TimeProvider.System, NullLogger<PartsHealth>.Instance),
                TimeProvider.System), TimeProvider.System, NullLogger<AttemptWatch>.Instance);

        await watch.SettleAsync(Run, 1, exitCode: 0, outOfMemory: false, CancellationToken.None);

        Assert.Equal(["files", "end", "forgotten"], dashboard.Done);
    }

    public void Dispose() => _root.Dispose();

    private sealed class FarDashboard : IDispatcher
    {
        private bool _isOpen = true;

        public List<string> Done { get; } = [];

        public Uri Server { get; } = new("http://127.0.0.1:1/");

        public bool SendsFiles => true;

        public Task<Standing?> StandingAsync(int runId, int attempt, CancellationToken cancellationToken) =>
            Task.FromResult<Standing?>(new Standing(_isOpen, 0, false, null, null, 0));

        public Task<long> ApplyAsync(int runId, int attempt, IReadOnlyList<JournalEntry> entries, CancellationToken cancellationToken)
        {
            Done.Add("end");
            _isOpen = false;
            return Task.FromResult(entries[^1].Sequence);
        }

        /// <summary>As the dashboard does: nothing is taken of an attempt that is over.</summary>
        public Task DeliverAsync(int runId, int attempt, CancellationToken cancellationToken)
        {
            if (!_isOpen) throw new StaleAttemptException("over");
            Done.Add("files");
            return Task.CompletedTask;
        }

        public void Forget(int runId, int attempt) => Done.Add("forgotten");

        public TimeSpan? StopAskedFor(int runId, int attempt) => null;

        public Task EndAsync(int runId, int attempt, AttemptEnd end, CancellationToken cancellationToken) =>
            throw new InvalidOperationException("It had ended by itself.");

        public IDisposable OnChange(Func<Task> changed) => throw new NotSupportedException();

        public Task<IReadOnlyList<Assignment>> LiveAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<Assignment?> TakeAsync(string device, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task FetchAsync(Assignment assignment, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task LaunchedAsync(Assignment assignment, ProcessIdentity process, CancellationToken cancellationToken) =>
            throw new NotSupportedException();
    }
}
