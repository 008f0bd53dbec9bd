using System.Diagnostics;
using Dashboard.Storage.Files;
using Training.Tests.TestKit;

namespace Training.Tests.Storage.Files;

public sealed class HeldFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string File => _folder.In("held");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task File_ThatAnotherProcessHolds_IsWaitedForUntilThatDies()
    {
        // flock(1) takes the same lock as any other process would.
        using var other = Process.Start(
            new ProcessStartInfo("flock", [File, "-c", "echo held; exec sleep 600"]) { RedirectStandardOutput = true })!;
        Assert.Equal("held", await other.StandardOutput.ReadLineAsync());
        Assert.Null(HeldFile.TryOpen(File));
        var waited = 0;
        var opening = HeldFile.OpenAsync(File, TimeProvider.System, CancellationToken.None, () => waited++);

        other.Kill(entireProcessTree: true);

        await using var opened = await opening;
        Assert.Equal(1, waited);
        Assert.Null(HeldFile.TryOpen(File));
    }

    [Fact]
    public void File_ThatWasRenamedAwayMeanwhile_IsNotTheOneThatIsHeld()
    {
        using var first = HeldFile.TryOpen(File)!;
        Assert.True(HeldFile.HasName(first, File));
        System.IO.File.Move(File, File + ".whole");
        Assert.False(HeldFile.HasName(first, File));

        using var second = HeldFile.TryOpen(File)!;

        Assert.True(HeldFile.HasName(second, File));
        System.IO.File.Delete(File);
        Assert.False(HeldFile.HasName(second, File));
    }
}
