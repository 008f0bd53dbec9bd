using Dashboard.Runs.Weights;
using Training.Tests.TestKit;

namespace Training.Tests.Runs.Weights;

public sealed class WeightsDownloadTests : IAsyncLifetime, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly HttpClient _http = new();
    private readonly List<DownloadProgress> _told = [];
    private WeightsServer _server = null!;

    public async Task InitializeAsync() => _server = await WeightsServer.StartAsync();

    [Fact]
    public async Task Download_OfAWholeFile_VerifiesItAndGivesItItsName()
    {
        await RunAsync();

        AssertHere();
        Assert.Equal([""], _server.Ranges);
        Assert.Contains(_told, progress => progress is { Done: 300_000, Total: 300_000 });
    }

    [Fact]
    public async Task Download_BrokenInTheMiddle_GoesOnWhereItBroke()
    {
        _server.BreakAfter.Enqueue(100_000);
        _server.BreakAfter.Enqueue(50_000);

        await RunAsync();

        AssertHere();
        Assert.Equal(["", "bytes=100000-", "bytes=150000-"], _server.Ranges);
        Assert.Contains(_told, progress => progress.Words.StartsWith("The connection broke.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Download_OfALaterProcess_GoesOnFromThePart()
    {
        using var cancellation = new CancellationTokenSource();
        _server.Gate = new TaskCompletionSource();
        var first = new WeightsDownload(_http, TimeProvider.System).RunAsync(
            File(), progress => { if (progress.Done == 299_999) cancellation.Cancel(); }, cancellation.Token);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        _server.Gate.SetResult();

        await RunAsync();

        AssertHere();
        Assert.Equal(["", "bytes=299999-"], _server.Ranges);
    }

    [Fact]
    public async Task Download_OfOneFileByTwoAtOnce_BringsItOnce()
    {
        _server.Gate = new TaskCompletionSource();
        var first = RunAsync();
        await Eventually.TrueAsync(() => File().PartLength > 0, "the first one is at it");
        var second = RunAsync();
        await Eventually.TrueAsync(() =>
            { lock (_told) return _told.Exists(progress => progress.Words.StartsWith("Another program", StringComparison.Ordinal)); },
            "the second one waits");

        _server.Gate.SetResult();
        await Task.WhenAll(first, second);

        AssertHere();
        Assert.Equal([""], _server.Ranges);
    }

    [Fact]
    public async Task Download_WhereOnlyTheNameIsMissing_AsksForNothing()
    {
        System.IO.File.WriteAllBytes(File().Part, _server.Content);

        await RunAsync();

        AssertHere();
        Assert.Empty(_server.Ranges);
    }

    [Fact]
    public async Task Download_FromAServerWithoutRanges_StartsAgain()
    {
        _server.TakesRanges = false;
        _server.BreakAfter.Enqueue(100_000);

        await RunAsync();

        AssertHere();
        Assert.Equal(["", "bytes=100000-"], _server.Ranges);
    }

    [Fact]
    public async Task Download_FromAServerWithoutRangesThatNeverGetsFurther_IsGivenUp()
    {
        _server.TakesRanges = false;
        for (var time = 0; time < 5; time++) _server.BreakAfter.Enqueue(1000);

        var error = await Assert.ThrowsAsync<DownloadException>(() => RunAsync());

        Assert.Contains("The connection broke. 5 tries in a row brought nothing. The 1.0 KB that are here are kept", error.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Download_WhenTheServersFileChangedMeanwhile_StartsAgain()
    {
        var former = File();
        System.IO.File.WriteAllBytes(former.Part, new byte[100_000]);
        System.IO.File.WriteAllText(former.Part + ".version", "\"of yesterday\"");

        await RunAsync();

        AssertHere();
        Assert.Equal(["bytes=100000-"], _server.Ranges);
    }

    [Fact]
    public async Task Download_WithAPartThatIsTooLong_StartsAgain()
    {
        System.IO.File.WriteAllBytes(File().Part, new byte[300_000]);
        System.IO.File.WriteAllText(File().Part + ".version", _server.ETag);

        await RunAsync();

        AssertHere();
        Assert.Equal(["bytes=300000-", ""], _server.Ranges);
    }

    [Fact]
    public async Task Download_WithAnotherChecksum_RemovesTheFileAndSaysBoth()
    {
        var error = await Assert.ThrowsAsync<DownloadException>(() => RunAsync(File() with { Sha256Prefix = "01234567" }));

        Assert.Contains($"its SHA-256 begins with {_server.Hash[..8]}, expected is 01234567. It was removed.", error.Message,
            StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public async Task Download_OfAFileThatTheServerLacks_SaysSoAtOnce()
    {
        _server.StatusCodes.Enqueue(404);

        var error = await Assert.ThrowsAsync<DownloadException>(() => RunAsync());

        Assert.Contains($"{_server.Url}/weights.pth doesn't exist (404). Check the setting Dashboard:WeightsMirror", error.Message,
            StringComparison.Ordinal);
        Assert.Single(_server.Ranges);
    }

    [Fact]
    public async Task Download_FromABusyServer_TriesAgain()
    {
        _server.StatusCodes.Enqueue(503);
        _server.StatusCodes.Enqueue(429);

        await RunAsync();

        AssertHere();
        Assert.Contains(_told, progress => progress.Words.StartsWith("127.0.0.1 answered 503", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Download_FromAServerThatIsGone_GivesUpAfterFiveTriesAndKeepsThePart()
    {
        var file = File();
        System.IO.File.WriteAllBytes(file.Part, new byte[100_000]);
        await _server.DisposeAsync();

        var error = await Assert.ThrowsAsync<DownloadException>(() => RunAsync(file));

        Assert.Contains("can't be reached. 5 tries in a row brought nothing. The 100 KB that are here are kept", error.Message,
            StringComparison.Ordinal);
        Assert.Equal(4, _told.Count(progress => progress.Words.Contains("Trying again in", StringComparison.Ordinal)));
        Assert.Equal(100_000, file.PartLength);
    }

    [Fact]
    public async Task Download_WithoutANameServer_SaysThatTheComputerIsOffline()
    {
        var error = await Assert.ThrowsAsync<DownloadException>(() =>
            RunAsync(File() with { From = new Uri("http://weights.invalid/weights.pth") }));

        Assert.Contains("weights.invalid isn't found: this computer is offline", error.Message, StringComparison.Ordinal);
        Assert.Contains($"Put weights.pth into {_folder.Path} by hand", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Download_ToAFullDisk_SaysWhatIsFreeAndWhatItNeeds()
    {
        var download = new WeightsDownload(_http, TimeProvider.System) { FreeSpace = _ => 1_000 };

        var error = await Assert.ThrowsAsync<DownloadException>(() => download.RunAsync(File(), _ => { }, default));

        Assert.Contains($"The disk that holds {_folder.Path} has 1.0 KB free, and weights.pth needs 300 KB.", error.Message,
            StringComparison.Ordinal);
    }

    public async Task DisposeAsync() => await _server.DisposeAsync();

    public void Dispose()
    {
        _http.Dispose();
        _folder.Dispose();
    }

    private WeightsFile File() => new(new Uri($"{_server.Url}/weights.pth"), _folder.Path, "weights.pth", _server.Hash[..8]);

    private Task RunAsync(WeightsFile? file = null) =>
        new WeightsDownload(_http, TimeProvider.System) { FirstPause = TimeSpan.FromMilliseconds(1) }
            .RunAsync(file ?? File(), Tell, default);

    private void Tell(DownloadProgress progress)
    {
        lock (_told) _told.Add(progress);
    }

    private void AssertHere()
    {
        Assert.Equal([File().Whole], Directory.GetFileSystemEntries(_folder.Path));
        Assert.Equal(_server.Content, System.IO.File.ReadAllBytes(File().Whole));
    }
}
