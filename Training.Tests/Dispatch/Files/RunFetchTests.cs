using Dashboard.Dispatch.Agent;
using Dashboard.Dispatch.Files;
using Dashboard.Machines.Devices;
using Dashboard.Protocol;
using Dashboard.Runs;
using Dashboard.Storage;
using Dashboard.Storage.Files;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Training.Core.Data;
using Training.Tests.TestKit;

namespace Training.Tests.Dispatch.Files;

/// <summary>What an agent fetches before it trains, from a dashboard that answers as the test says.</summary>
public sealed class RunFetchTests : IAsyncLifetime, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 3, 1, 14, 5, 0, TimeSpan.Zero));
    private readonly List<IDisposable> _made = [];
    private readonly List<string> _told = [];
    private FileDashboard _dashboard = null!;

    public async Task InitializeAsync() => _dashboard = await FileDashboard.StartAsync(images: 20);

    public async Task DisposeAsync() => await _dashboard.DisposeAsync();

    public void Dispose()
    {
        foreach (var made in _made) made.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task TwoRuns_OnOneDataset_FetchEachImageOnce()
    {
        var gate = new TaskCompletionSource();
        _dashboard.Gate = gate.Task;
        // Two devices of one agent, and another agent with runs of its own over the same images.
        var (one, other) = (Fetch("one"), Fetch("other"));
        Task[] fetching = [FetchAsync(one, 1), FetchAsync(one, 2), FetchAsync(other, 1)];
        await Eventually.TrueAsync(() => _dashboard.Asked.Keys.Any(what => what.StartsWith("images/", StringComparison.Ordinal)),
            "images are on their way");
        gate.SetResult();

        await Task.WhenAll(fetching);

        Assert.All(_dashboard.Images, image => Assert.Equal(1, _dashboard.Asked[$"images/{image}"]));
        foreach (var (agent, run) in (IEnumerable<(string, int)>)[("one", 1), ("one", 2), ("other", 1)])
        {
            var manifest = DatasetManifest.Load(Options(agent).RunFolder(run).Manifest);
            Assert.All(manifest.Samples, sample => Assert.True(File.Exists(manifest.FullPath(sample))));
        }
    }

    [Theory]
    [InlineData(401, "images/", false, "doesn't let this machine have")]
    [InlineData(403, "weights", false, "(403): as the test says")]
    [InlineData(404, "images/", true, "(404): as the test says")]
    [InlineData(410, "files/", true, "doesn't have what the run needs")]
    [InlineData(400, "files", false, "refuses files (400)")]
    public async Task Answer_ThatAnotherTryWontChange_EndsTheAttemptAtOnce(int status, string what, bool isFinal, string words)
    {
        _dashboard.Status = (asked, _) => asked.StartsWith(what, StringComparison.Ordinal) ? status : null;

        var error = await Assert.ThrowsAsync<FetchException>(() => FetchAsync(Fetch("one"), 1));

        Assert.Contains(words, error.Message, StringComparison.Ordinal);
        Assert.Equal(isFinal, error.IsFinal);
        Assert.All(_dashboard.Asked, asked => Assert.Equal(1, asked.Value));
    }

    [Fact]
    public async Task Answer_OfAnAttemptThatIsOver_IsNoFailureOfTheRun()
    {
        _dashboard.Status = (_, _) => 409;

        await Assert.ThrowsAsync<StaleAttemptException>(() => FetchAsync(Fetch("one"), 1));
    }

    [Fact]
    public async Task Dashboard_InTroubleForAMoment_IsAskedAgain()
    {
        _dashboard.Status = (_, time) => time < 3 ? 500 : null;
        var fetching = FetchAsync(Fetch("one"), 1);

        await PassUntilAsync(() => fetching.IsCompleted, "everything is here");

        await fetching;
        Assert.All(_dashboard.Images, image => Assert.Equal(3, _dashboard.Asked[$"images/{image}"]));
        Assert.Contains(_told, words => words.Contains("The dashboard answers 500 when asked for files", StringComparison.Ordinal)
            && words.Contains(", since ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Dashboard_InTroubleForLong_IsGivenUpAndSaysSinceWhen()
    {
        _dashboard.Status = (what, _) => what.StartsWith("images/", StringComparison.Ordinal) ? 503 : null;
        var begin = _clock.GetUtcNow();
        var fetching = FetchAsync(Fetch("one"), 1);

        await PassUntilAsync(() => fetching.IsCompleted, "it is given up");

        var error = await Assert.ThrowsAsync<FetchException>(() => fetching);
        Assert.Contains("The dashboard answers 503", error.Message, StringComparison.Ordinal);
        Assert.Contains("It was asked again for 10 minutes", error.Message, StringComparison.Ordinal);
        Assert.False(error.IsFinal);
        Assert.True(_clock.GetUtcNow() - begin >= TransferTrouble.GiveUpAfter);
        // With growing pauses, not twice a second.
        Assert.True(_dashboard.Asked.Where(asked => asked.Key.StartsWith("images/", StringComparison.Ordinal))
            .Max(asked => asked.Value) < 60);
        // Nothing holds its images any more.
        using var next = await new BlobCache(_folder.In("images"), 0, TimeProvider.System).ReserveAsync("next", [], CancellationToken.None);
        Assert.Single(Directory.GetFiles(_folder.In("images", ".leases")));
    }

    [Fact]
    public async Task Network_ThatIsGone_IsGivenUpAfterAWhileToo()
    {
        var fetch = Fetch("one");
        await _dashboard.DisposeAsync();
        var fetching = FetchAsync(fetch, 1);

        await PassUntilAsync(() => fetching.IsCompleted, "it is given up");

        Assert.Contains("The dashboard can't be reached", (await Assert.ThrowsAsync<FetchException>(() => fetching)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lease_OfAnAttempt_IsKeptUntilItIsOver()
    {
        var fetch = Fetch("one");
        await FetchAsync(fetch, 1);
        await HasRoomAsync(except: 20);

        await fetch.KeepAsync([new Assignment(1, 1)], CancellationToken.None);
        await HasRoomAsync(except: 20);
        await fetch.KeepAsync([], CancellationToken.None);
        await HasRoomAsync(except: 0);
    }

    [Fact]
    public async Task Image_ThatHasChangedSinceTheScan_IsKeptForTheRunToo()
    {
        _dashboard.Changed[_dashboard.Images.First()] = [1, 2, 3];
        var fetch = Fetch("one");

        await FetchAsync(fetch, 1);

        await HasRoomAsync(except: 20);
        Assert.True(new BlobCache(_folder.In("images"), 0, TimeProvider.System)
            .Has(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData([1, 2, 3]))));
        fetch.Release(new AttemptId(1, 1));
        await HasRoomAsync(except: 0);
    }

    [Fact]
    public async Task Lease_OfAnAttemptThatAnEarlierAgentBegan_IsTakenUp()
    {
        var former = Fetch("one");
        await FetchAsync(former, 1);
        former.Dispose();

        await Fetch("one").KeepAsync([new Assignment(1, 1)], CancellationToken.None);

        await HasRoomAsync(except: 20);
    }

    /// <summary>Somebody else makes all the room that there is.</summary>
    private async Task HasRoomAsync(int except)
    {
        using var other = await new BlobCache(_folder.In("images"), 0, TimeProvider.System)
            .ReserveAsync("other", [], CancellationToken.None);
        Assert.Equal(except, Directory.GetFiles(_folder.In("images"), "*", SearchOption.AllDirectories)
            .Count(file => BlobCache.IsHash(Path.GetFileName(file))));
    }

    private async Task PassUntilAsync(Func<bool> happened, string what) => await Eventually.TrueAsync(
        () =>
        {
            if (happened()) return true;
            _clock.Advance(TimeSpan.FromSeconds(5));
            return false;
        }, what);

    private DashboardOptions Options(string agent) => new() { DataRoot = _folder.In(agent) };

    private RunFetch Fetch(string agent)
    {
        var options = Microsoft.Extensions.Options.Options.Create(Options(agent));
        Directory.CreateDirectory(_folder.In(agent));
        File.WriteAllText(_folder.In(agent, "key"), "secret");
        var files = new DashboardFiles(new AgentOptions(_dashboard.Url, null, _folder.In(agent, "key"), 0), _clock,
            NullLogger<DashboardFiles>.Instance);
        var fetch = new RunFetch(
            files, new LocalMachine(options), options, new BlobCache(_folder.In("images"), long.MaxValue, TimeProvider.System), _clock,
            NullLogger<RunFetch>.Instance);
        _made.AddRange([fetch, files]);
        return fetch;
    }

    private Task FetchAsync(RunFetch fetch, int run) => fetch.FetchAsync(new Assignment(run, 1), (words, _) =>
    {
        lock (_told) _told.Add(words);
        return Task.CompletedTask;
    }, CancellationToken.None);
}
