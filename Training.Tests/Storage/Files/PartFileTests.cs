using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using Dashboard.Storage.Files;
using Microsoft.Extensions.Time.Testing;
using Training.Tests.TestKit;

namespace Training.Tests.Storage.Files;

/// <summary>A file of 1,000 bytes that comes in parts, from a server that answers as the test says.</summary>
public sealed class PartFileTests : IDisposable
{
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(60);

    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _clock = new();
    private readonly byte[] _content = RandomNumberGenerator.GetBytes(1000);

    /// <summary>The answers to come, by the byte from which on the file is asked for.</summary>
    private readonly Queue<Func<long, HttpResponseMessage>> _answers = new();

    /// <summary>From which byte on it was asked for, each time.</summary>
    private readonly List<long> _asked = [];

    private string Whole => _folder.In("file");

    private string Part => Whole + PartFile.Suffix;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Transfer_ThatBreaks_GoesOnWhereItBroke()
    {
        Answers(from => Rest(from, breaksAfter: 400), from => Rest(from, breaksAfter: 100), from => Rest(from));

        await BringAsync();

        AssertHere();
        Assert.Equal([0, 400, 500], _asked);
    }

    [Fact]
    public async Task Server_ThatTakesNoRanges_IsTakenFromTheBeginning()
    {
        Answers(from => Rest(from, breaksAfter: 400), _ => All());

        await BringAsync();

        AssertHere();
        Assert.Equal([0, 400], _asked);
    }

    [Theory]
    [InlineData(100L)]
    [InlineData(500L)]
    [InlineData(null)]
    public async Task Server_ThatSendsAnotherPartThanItWasAskedFor_IsAskedForAll(long? sends)
    {
        await File.WriteAllBytesAsync(Part, _content[..400]);
        Answers(_ => Rest(sends ?? 0, says: sends is not null), from => Rest(from));

        await BringAsync();

        AssertHere();
        Assert.Equal([400, 0], _asked);
    }

    [Fact]
    public async Task Part_ThatIsLongerThanTheServersFile_BeginsAnew()
    {
        await File.WriteAllBytesAsync(Part, new byte[1200]);
        Answers(_ => new HttpResponseMessage(HttpStatusCode.RequestedRangeNotSatisfiable), from => Rest(from));

        await BringAsync();

        AssertHere();
        Assert.Equal([1200, 0], _asked);
    }

    [Fact]
    public async Task Part_ThatIsWhole_GetsItsNameWithoutAsking()
    {
        await File.WriteAllBytesAsync(Part, _content);

        await BringAsync();

        AssertHere();
        Assert.Empty(_asked);
    }

    [Fact]
    public async Task Content_OfAnotherHash_IsSaidAndNotKept()
    {
        Answers(_ => All());

        var error = await Assert.ThrowsAsync<InvalidDataException>(() => BringAsync(sha256: new string('0', 64)));

        Assert.Equal(Hash(), error.Message);
        Assert.Single(_asked);
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public async Task Server_ThatFallsSilent_IsAskedForTheRest()
    {
        Answers(from => Rest(from, breaksAfter: 400, silently: true), from => Rest(from));
        var bringing = BringAsync();

        await Eventually.TrueAsync(() =>
        {
            _clock.Advance(Silence / 10);
            return bringing.IsCompleted;
        }, "it doesn't wait for ever");

        await bringing;
        AssertHere();
        Assert.Equal([0, 400], _asked);
    }

    [Fact]
    public async Task Server_ThatBreaksAtTheSamePlaceAgainAndAgain_IsGivenUpAndThePartStays()
    {
        Answers([.. Enumerable.Repeat((long _) => All(breaksAfter: 400), 3)]);

        await Assert.ThrowsAsync<BrokenTransferException>(() => BringAsync());

        Assert.Equal([0, 400, 400], _asked);
        Assert.Equal(_content[..400], await File.ReadAllBytesAsync(Part));
    }

    [Fact]
    public async Task Transfer_ThatIsCancelled_IsNotTriedAgainAndLeavesItsPart()
    {
        using var cancellation = new CancellationTokenSource();
        Answers(from => Rest(from, breaksAfter: 400, silently: true));
        var bringing = BringAsync(cancellationToken: cancellation.Token);
        await Eventually.TrueAsync(() => _asked.Count == 1, "it is at it");

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => bringing);
        Assert.Single(_asked);
    }

    [Fact]
    public async Task Second_WhoWantsIt_WaitsAndGoesOnWhereTheFirstGaveUp()
    {
        var gate = new TaskCompletionSource();
        var waits = 0;
        var first = new PartFile(Whole, TimeProvider.System).BringAsync(Hash(), async (part, cancellationToken) =>
        {
            await part.Content.WriteAsync(_content.AsMemory(0, 300), cancellationToken);
            await gate.Task.WaitAsync(cancellationToken);
            throw new BrokenTransferException("It broke.");
        }, Other, CancellationToken.None);
        Answers(from => Rest(from));
        var second = BringAsync(waits: () => waits++);
        await Eventually.TrueAsync(() => waits == 1, "the second one waits");
        Assert.Empty(_asked);

        gate.SetResult();

        await Assert.ThrowsAsync<BrokenTransferException>(() => first);
        await second;
        AssertHere();
        Assert.Equal([300], _asked);
    }

    private Task<bool> BringAsync(string? sha256 = null, Action? waits = null, CancellationToken cancellationToken = default) =>
        new TransferTrouble(_clock) { FirstPause = TimeSpan.Zero, MostTries = 3 }.TryAsync(async () =>
        {
            await new PartFile(Whole, TimeProvider.System).BringAsync(sha256 ?? Hash(), async (part, bringing) =>
            {
                _asked.Add(part.Length);
                using var response = _answers.Dequeue()(part.Length);
                part.Fit(response);
                await part.TakeAsync(response, Silence, _clock, null, bringing);
            }, Other, cancellationToken, waits);
            return true;
        }, _ => Task.CompletedTask, setback => setback.Cause, cancellationToken);

    private static InvalidDataException Other(string hash) => new(hash);

    private void Answers(params Func<long, HttpResponseMessage>[] answers) => Array.ForEach(answers, _answers.Enqueue);

    /// <param name="breaksAfter">So many bytes.</param>
    /// <param name="silently">Nobody says that it broke.</param>
    /// <param name="says">Which part it is.</param>
    private HttpResponseMessage Rest(long from, int? breaksAfter = null, bool silently = false, bool says = true)
    {
        var response = new HttpResponseMessage(HttpStatusCode.PartialContent) { Content = Body((int)from, breaksAfter, silently) };
        if (says) response.Content.Headers.ContentRange = new ContentRangeHeaderValue(from, _content.Length - 1, _content.Length);
        return response;
    }

    private HttpResponseMessage All(int? breaksAfter = null) => new(HttpStatusCode.OK) { Content = Body(0, breaksAfter, false) };

    private StreamContent Body(int from, int? breaksAfter, bool silently)
    {
        var bytes = _content[from..];
        var content = new StreamContent(breaksAfter is { } count ? new BreakingStream(bytes[..count], silently) : new MemoryStream(bytes));
        content.Headers.ContentLength = bytes.Length;
        return content;
    }

    private string Hash() => Convert.ToHexStringLower(SHA256.HashData(_content));

    private void AssertHere()
    {
        Assert.Equal([Whole], Directory.GetFileSystemEntries(_folder.Path));
        Assert.Equal(_content, File.ReadAllBytes(Whole));
    }

    private sealed class BreakingStream(byte[] bytes, bool silently) : MemoryStream(bytes)
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (await base.ReadAsync(buffer, cancellationToken) is > 0 and var count) return count;
            if (silently) await Task.Delay(Timeout.Infinite, cancellationToken);
            throw new IOException("Connection reset by peer");
        }
    }
}
