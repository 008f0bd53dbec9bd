using Dashboard.Access.Visitors;
using Microsoft.Extensions.Logging.Abstractions;

namespace Training.Tests.Access.Visitors;

public sealed class VisitorFeedTests
{
    [Fact]
    public void Change_WithAListenerThatFails_IsHeardByTheOthersAndByOtherDashboards()
    {
        var feed = new VisitorFeed(NullLogger<VisitorFeed>.Instance);
        List<string> heard = [];
        feed.ToldHere += key => heard.Add($"elsewhere {key}");
        using var broken = feed.Subscribe(_ => throw new InvalidOperationException("a page that is going"));
        using var fine = feed.Subscribe(key => heard.Add($"page {key}"));

        feed.Tell("account 7");

        Assert.Equal(["page account 7", "elsewhere account 7"], heard);
    }
}
