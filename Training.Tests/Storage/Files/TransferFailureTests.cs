using System.Net;
using Dashboard.Storage.Files;

namespace Training.Tests.Storage.Files;

public sealed class TransferFailureTests
{
    [Theory]
    [InlineData(408, true)]
    [InlineData(429, true)]
    [InlineData(500, true)]
    [InlineData(503, true)]
    [InlineData(400, false)]
    [InlineData(401, false)]
    [InlineData(404, false)]
    [InlineData(409, false)]
    [InlineData(413, false)]
    public void Answer_IsWorthAnotherTry_WhenTheServerIsBusyOrInTrouble(int status, bool isPassing) =>
        Assert.Equal(isPassing, TransferFailure.IsPassing((HttpStatusCode)status));

    [Fact]
    public void Failure_IsWorthAnotherTry_WhenItIsTheNetworksAndNotTheDisks()
    {
        Assert.True(TransferFailure.IsPassing(new BrokenTransferException("The connection broke.")));
        Assert.True(TransferFailure.IsPassing(new HttpIOException(HttpRequestError.ResponseEnded)));
        Assert.False(TransferFailure.IsPassing(new IOException("No space left on device")));
        Assert.False(TransferFailure.IsPassing(new UnauthorizedAccessException()));
    }
}
