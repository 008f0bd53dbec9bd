using System.Net.Http.Json;
using System.Text.Json;
using Dashboard.Processes;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Training.Tests.TestKit;

namespace Training.Tests.Processes;

public sealed class GuardTests : IDisposable
{
    private const string Part = "Measuring the tides";
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly LogLines _lines = new();
    private readonly LoggerFactory _logs;
    private readonly PartsHealth _health;
    private readonly Guard _guard;

    public GuardTests()
    {
        _logs = new LoggerFactory([_lines]);
        _health = new PartsHealth(_clock, _logs.CreateLogger<PartsHealth>());
        _guard = new Guard(_health, _clock);
    }

    public void Dispose() => _logs.Dispose();

    [Fact]
    public async Task Work_ThatFails_IsSaidSinceWhenUntilItWorks()
    {
        Assert.False(await _guard.TryAsync(Part, _ => throw new IOException("No space left on device"), CancellationToken.None));
        _clock.Advance(TimeSpan.FromMinutes(5));
        Assert.False(await _guard.TryAsync(Part, _ => throw new IOException("still none"), CancellationToken.None));

        Assert.Equal(new FailingPart(Part, _clock.GetUtcNow() - TimeSpan.FromMinutes(5), "still none"), Assert.Single(_health.Failing));

        Assert.True(await _guard.TryAsync(Part, _ => Task.CompletedTask, CancellationToken.None));
        Assert.Empty(_health.Failing);
    }

    [Fact]
    public async Task Work_ThatFailsForEver_IsOneLineOfTheLogForEachKind()
    {
        for (var i = 0; i < 1000; i++)
        {
            await _guard.TryAsync(Part, _ => throw new IOException($"byte {i} can't be written"), CancellationToken.None);
            await _guard.TryAsync(Part, _ => throw new InvalidOperationException("no lock"), CancellationToken.None);
        }

        Assert.Equal(2, _lines.Of(typeof(PartsHealth).FullName!).Count);
    }

    [Fact]
    public async Task UntilItWorks_WithGrowingPauses_GoesOnUntilItHasWorked()
    {
        var tries = 0;
        var working = _guard.UntilItWorksAsync(Part, _ => ++tries < 6 ? throw new TimeoutException() : Task.CompletedTask,
            CancellationToken.None);

        Assert.Equal(1, tries);
        await Eventually.TrueAsync(
            () =>
            {
                _clock.Advance(TimeSpan.FromSeconds(1));
                return working.IsCompleted;
            }, "it has worked");

        Assert.Equal(6, tries);
        await working;
    }

    [Fact]
    public async Task UntilItWorks_WithPausesOfItsOwn_WaitsNoLongerThanThese()
    {
        var (tries, pause) = (0, TimeSpan.FromMilliseconds(10));
        var working = _guard.UntilItWorksAsync(Part, _ => ++tries < 4 ? throw new TimeoutException() : Task.CompletedTask,
            CancellationToken.None, new Backoff(pause, pause));

        for (var i = 1; i < 4; i++)
        {
            Assert.Equal(i, tries);
            _clock.Advance(pause);
            await Eventually.TrueAsync(() => tries == i + 1, "it is tried again");
        }

        await working;
    }

    [Fact]
    public async Task Every_ThatFailsOnce_IsDoneAgainTheNextTime()
    {
        using var cancellation = new CancellationTokenSource();
        var times = 0;
        var loop = _guard.EveryAsync(Part, TimeSpan.FromSeconds(1), _ => ++times == 2 ? throw new IOException("once") : Task.CompletedTask,
            cancellation.Token);

        await Eventually.TrueAsync(
            () =>
            {
                _clock.Advance(TimeSpan.FromSeconds(1));
                return times >= 4;
            }, "it goes on");

        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => loop);
    }

    [Fact]
    public async Task Stop_WhileSomethingFails_IsNoFailure()
    {
        using var cancellation = new CancellationTokenSource();
        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            _guard.TryAsync(Part, _ => throw new ObjectDisposedException("the database"), cancellation.Token));

        Assert.Empty(_health.Failing);
    }

    [Fact]
    public async Task Health_OfADashboardWithAPartInTrouble_NamesItButNotItsPaths()
    {
        await using var app = new DashboardApp();
        var client = app.CreateClient();
        app.Get<PartsHealth>().Failed(Part, new IOException("/home/someone/secret is full"));

        var health = await client.GetFromJsonAsync<JsonElement>("/health");

        Assert.Equal("degraded", health.GetProperty("status").GetString());
        Assert.Equal(Part, health.GetProperty("failing")[0].GetProperty("name").GetString());
        Assert.Contains($"{Part} fails since", health.GetProperty("words").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain("secret", health.ToString(), StringComparison.Ordinal);
        var settings = await client.GetStringAsync(new Uri("/settings", UriKind.Relative));
        Assert.Contains("/home/someone/secret is full", System.Net.WebUtility.HtmlDecode(settings), StringComparison.Ordinal);
    }
}
