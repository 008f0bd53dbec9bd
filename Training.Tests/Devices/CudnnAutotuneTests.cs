using TorchSharp;
using Training.Core.Devices;
using Training.Tests.TestKit;

namespace Training.Tests.Devices;

[Collection(GlobalTorchState.Name)]
public sealed class CudnnAutotuneTests
{
    [Fact]
    public void TryTurn_OnAndOff_IsWhatLibtorchThenSays()
    {
        _ = torch.zeros(1).shape; // loads libtorch

        Assert.Equal(false, CudnnAutotune.IsOn);
        Assert.True(CudnnAutotune.TryTurn(on: true));
        Assert.Equal(true, CudnnAutotune.IsOn);
        Assert.True(CudnnAutotune.TryTurn(on: false));
        Assert.Equal(false, CudnnAutotune.IsOn);
    }
}
