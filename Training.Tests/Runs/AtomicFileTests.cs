using System.Text;
using Training.Core.Runs;
using Training.Tests.TestKit;

namespace Training.Tests.Runs;

public sealed class AtomicFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Target => _folder.In("run", "best_model.pth");

    [Fact]
    public void Write_WhereTheFoldersAboveAreGone_MakesNothingInTheirPlace()
    {
        Assert.Throws<DirectoryNotFoundException>(() => AtomicFile.WriteText(_folder.In("runs", "7", "checkpoint"), "far"));

        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void Write_IntoAFolderThatIsNotThere_MakesItAndLeavesOnlyTheFile()
    {
        AtomicFile.WriteText(Target, "가중치");

        Assert.Equal("가중치"u8.ToArray(), File.ReadAllBytes(Target));
        Assert.Equal([Target], Directory.GetFiles(_folder.In("run")));
    }

    [Fact]
    public void Write_ThatFailsInTheMiddle_LeavesTheFormerFileAndNothingElse()
    {
        AtomicFile.WriteText(Target, "former");

        Assert.Throws<IOException>(() => AtomicFile.Write(Target, stream =>
        {
            stream.Write(new byte[100_000]);
            throw new IOException("cable pulled");
        }));

        Assert.Equal("former", File.ReadAllText(Target));
        Assert.Equal([Target], Directory.GetFiles(_folder.In("run")));
    }

    [Fact]
    public void Write_ForTheFirstTimeThatFails_LeavesNothing()
    {
        Assert.Throws<InvalidOperationException>(() => AtomicFile.Write(Target, _ => throw new InvalidOperationException()));

        Assert.Empty(Directory.GetFiles(_folder.In("run")));
    }

    [SkippableFact]
    public void Write_OnAFullDisk_LeavesTheFormerFileAndNothingElse()
    {
        Skip.IfNot(File.Exists("/dev/full"), "Needs /dev/full, the disk that is always full.");
        AtomicFile.WriteText(Target, "former");
        File.CreateSymbolicLink(Target + AtomicFile.TemporarySuffix, "/dev/full");

        var error = Assert.Throws<NoSpaceException>(() => AtomicFile.Write(Target, stream => stream.Write(new byte[1 << 20])));

        Assert.Contains("space", error.Message, StringComparison.OrdinalIgnoreCase);
        Assert.Equal("former", File.ReadAllText(Target));
        Assert.Equal([Target], Directory.GetFileSystemEntries(_folder.In("run")));
    }

    [SkippableFact]
    public void Write_OfMoreThanIsFree_SaysHowMuchTheFileNeedsAndLeavesNothing()
    {
        using var disk = new SmallDisk(2048);

        var error = Assert.Throws<NoSpaceException>(() => AtomicFile.Write(disk.In("run", "best_model.pth"), stream =>
        {
            for (var block = 0; block < 30; block++) stream.Write(new byte[100_000]);
        }));

        Assert.Equal(3_000_000, error.Needed);
        Assert.InRange(error.Free!.Value, 1_900_000, 2_100_000);
        Assert.Matches(@"^there is no space for best_model\.pth, which needs 3\.0 MB: 2\.1 MB are free in /.*/run$", error.Message);
        Assert.True(FullDisk.Is(error));
        Assert.Empty(Directory.GetFileSystemEntries(disk.In("run")));
    }

    [Fact]
    public void Write_WhileAnotherWritesTheSame_FailsAndLeavesTheOtherAlone()
    {
        AtomicFile.Write(Target, stream =>
        {
            stream.Write(Encoding.UTF8.GetBytes("first"));
            Assert.Throws<IOException>(() => AtomicFile.WriteText(Target, "second"));
        });

        Assert.Equal("first", File.ReadAllText(Target));
    }

    public void Dispose() => _folder.Dispose();
}
