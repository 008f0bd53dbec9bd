using Dashboard.Access.Visitors;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Training.Tests.Processes;

namespace Training.Tests.Access.Visitors;

public sealed class VisitorFeedTests
{
    private readonly VisitorFeed _feed = new(new FakeTimeProvider(), NullLogger<VisitorFeed>.Instance);

    [Fact]
    public async Task Change_WithAListenerThatFails_IsHeardByTheOthersAndByOtherDashboards()
    {
        List<string> elsewhere = [];
        var (broken, fine) = (new ListenerCalls { Throws = true }, new ListenerCalls());
        _feed.ToldHere += elsewhere.Add;
        using var first = _feed.Subscribe(key => key == "account:7", broken.AddAsync);
        using var second = _feed.Subscribe(key => key == "account:7", fine.AddAsync);

        _feed.Tell("account:7");

        await broken.WaitForAsync(1);
        await fine.WaitForAsync(1);
        Assert.Equal(["account:7"], elsewhere);
    }

    [Fact]
    public async Task Changes_OfSeveralVisitorsAtOnce_AreToldEachWithoutDelay()
    {
        var visitors = Enumerable.Range(1, 20).Select(id => (Key: $"account:{id}", Calls: new ListenerCalls())).ToList();
        var subscriptions = visitors.Select(each => _feed.Subscribe(key => key == each.Key, each.Calls.AddAsync)).ToList();

        foreach (var (key, _) in visitors) _feed.Tell(key);

        // The clock stands still: whoever is throttled would not hear.
        foreach (var (_, calls) in visitors) await calls.WaitForAsync(1);
        foreach (var subscription in subscriptions) subscription.Dispose();
        Assert.All(visitors, each => Assert.Equal(1, each.Calls.Count));
    }

    [Fact]
    public async Task Change_AtAnotherDashboard_IsHeardHereAndNotToldBack()
    {
        List<string> elsewhere = [];
        var calls = new ListenerCalls();
        _feed.ToldHere += elsewhere.Add;
        using var subscription = _feed.Subscribe(key => key == "token:3", calls.AddAsync);

        _feed.TellElsewhere("token:3");

        await calls.WaitForAsync(1);
        Assert.Empty(elsewhere);
    }
}
