using Dashboard.Devices;

namespace Training.Tests.Devices;

public sealed class NvidiaSmiTests
{
    private const long Mebibyte = 1 << 20;

    [Fact]
    public void Output_OfTwoGpus_IsRead()
    {
        var gpus = NvidiaSmi.Parse("0, NVIDIA GeForce RTX 4090, 93, 5222, 24564\n1, NVIDIA H100 80GB HBM3, 0, 1, 81559\n");

        Assert.Equal(new Gpu(0, "NVIDIA GeForce RTX 4090", 0.93, 5222 * Mebibyte, 24564 * Mebibyte), gpus[0]);
        Assert.Equal("cuda:1", gpus[1].Id);
        Assert.Equal(0, gpus[1].Load);
    }

    [Theory]
    [InlineData("0, Tesla K80, [N/A], [N/A], 11441")]
    [InlineData("0, Tesla K80, [Not Supported], [Unknown Error], 11441")]
    public void Output_ValueNotTold_IsUnknownNotZero(string line)
    {
        var gpu = Assert.Single(NvidiaSmi.Parse(line));

        Assert.Null(gpu.Load);
        Assert.Null(gpu.MemoryUsed);
        Assert.Equal(11441 * Mebibyte, gpu.MemoryTotal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("No devices were found\n")]
    [InlineData("NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.")]
    [InlineData("index, name, utilization.gpu [%], memory.used [MiB], memory.total [MiB]")]
    public void Output_NoGpus_IsEmpty(string output) => Assert.Empty(NvidiaSmi.Parse(output));

    [Fact]
    public void Output_CommaInAName_StaysInTheName() =>
        Assert.Equal("NVIDIA X, Y", Assert.Single(NvidiaSmi.Parse("3, NVIDIA X, Y, 5, 10, 20\r\n")).Name);
}
