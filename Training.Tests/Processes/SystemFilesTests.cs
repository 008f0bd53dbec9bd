using Dashboard.Processes;

namespace Training.Tests.Processes;

public sealed class SystemFilesTests
{
    [Fact]
    public void CpuLoad_BetweenTwoReadings_IsThePartThatWasBusy()
    {
        var before = SystemFiles.ParseCpu("cpu  100 0 100 700 100 0 0 0 0 0\ncpu0 1 2 3 4\n")!.Value;
        var after = SystemFiles.ParseCpu("cpu  150 0 125 825 100 0 0 0 0 0\ncpu0 1 2 3 4\n")!.Value;

        Assert.Equal(75.0 / 200, after.LoadSince(before));
        Assert.Null(before.LoadSince(before));
    }

    [Fact]
    public void Memory_OfLinux_UsedIsWhatIsNotAvailable() =>
        Assert.Equal(
            (12_000_000L * 1024, 16_000_000L * 1024),
            SystemFiles.ParseMemory("MemTotal:       16000000 kB\nMemFree:          500000 kB\nMemAvailable:    4000000 kB\n"));

    [Fact]
    public void Processor_AndSystem_ByTheirNames()
    {
        Assert.Equal("AMD Ryzen 9 7950X",
            SystemFiles.ParseProcessor("processor\t: 0\nvendor_id\t: AuthenticAMD\nmodel name\t: AMD Ryzen 9 7950X\n"));
        Assert.Equal("Debian GNU/Linux 12 (bookworm)",
            SystemFiles.ParseSystem("NAME=\"Debian GNU/Linux\"\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n"));
    }

    [Fact]
    public void Text_ThatIsSomethingElse_IsUnknown()
    {
        Assert.Null(SystemFiles.ParseCpu("nonsense"));
        Assert.Null(SystemFiles.ParseMemory("nonsense"));
        Assert.Null(SystemFiles.ParseProcessor("processor : 0\nFeatures : fp asimd\n"));
        Assert.Null(SystemFiles.ParseSystem(""));
    }
}
