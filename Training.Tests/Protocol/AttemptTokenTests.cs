using Dashboard.Protocol;

namespace Training.Tests.Protocol;

public sealed class AttemptTokenTests
{
    [Fact]
    public void Token_AgainstItsHash_MatchesAndNoOtherDoes()
    {
        var (token, other) = (AttemptToken.Create(), AttemptToken.Create());

        Assert.True(AttemptToken.Matches(token, AttemptToken.Hash(token)));
        Assert.False(AttemptToken.Matches(other, AttemptToken.Hash(token)));
        Assert.False(AttemptToken.Matches(token, "not a hash"));
    }
}
