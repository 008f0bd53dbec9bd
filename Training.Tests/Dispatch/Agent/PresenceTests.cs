using Dashboard.Dispatch.Agent;

namespace Training.Tests.Dispatch.Agent;

public sealed class PresenceTests
{
    private readonly Presence<string> _link = new();

    [Fact]
    public async Task Wait_WhileAConnectionAlmostCame_GetsTheNextOne()
    {
        var waiting = _link.WaitAsync(CancellationToken.None);

        // It joined and broke before it was told.
        _link.Went();
        _link.Came("second");

        Assert.Equal("second", await waiting.WaitAsync(TimeSpan.FromMinutes(1)));
    }

    [Fact]
    public async Task Wait_AfterOneWent_WaitsForTheNext()
    {
        _link.Came("first");
        Assert.Equal("first", await _link.WaitAsync(CancellationToken.None));
        _link.Went();

        var waiting = _link.WaitAsync(CancellationToken.None);
        Assert.False(waiting.IsCompleted);
        _link.Came("second");

        Assert.Equal("second", await waiting.WaitAsync(TimeSpan.FromMinutes(1)));
    }

    [Fact]
    public async Task Wait_ThatIsGivenUp_Ends()
    {
        using var cancellation = new CancellationTokenSource();
        var waiting = _link.WaitAsync(cancellation.Token);

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }
}
