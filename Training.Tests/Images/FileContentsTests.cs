using System.Security.Cryptography;
using Training.Core.Images;
using Training.Tests.TestKit;

namespace Training.Tests.Images;

public sealed class FileContentsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Known_FileThatWasReadAndIsAsItWas_IsToldInLaterRunsToo()
    {
        var (path, hash) = Write("one", old: true);
        var contents = Open();
        Assert.Null(contents.Known(path, hash));
        Assert.Equal(hash, contents.Now(path, hash, default));
        contents.Save();

        Assert.Equal(hash, Open().Known(path, hash));
        Assert.Empty(contents.Changed);
    }

    [Fact]
    public void Known_FileThatWasOverwritten_IsNotTrustedAndThenNamed()
    {
        var (path, before) = Write("one", old: true);
        var contents = Open();
        contents.Now(path, before, default);
        var (_, after) = Write("two", old: true);

        Assert.Null(contents.Known(path, before));
        Assert.Equal(after, contents.Now(path, before, default));
        Assert.Equal([KeyValuePair.Create(path, after)], contents.Changed);
    }

    [Fact]
    public void Known_FileWrittenThisMoment_IsReadEachTime()
    {
        // It can be written once more without its time telling.
        var (path, hash) = Write("one", old: false);
        var contents = Open();

        Assert.Equal(hash, contents.Now(path, hash, default));
        Assert.Null(contents.Known(path, hash));
    }

    [Fact]
    public void Open_DamagedFile_KnowsNothing()
    {
        var (path, hash) = Write("one", old: true);
        var contents = Open();
        contents.Now(path, hash, default);
        contents.Save();
        var kept = Assert.Single(Directory.GetFiles(_folder.In("cache"), "*", SearchOption.AllDirectories));
        File.WriteAllBytes(kept, File.ReadAllBytes(kept)[..^5]);

        Assert.Null(Open().Known(path, hash));
        Assert.Null(Open().Known(_folder.In("gone"), hash));
        Assert.Null(Open().Now(_folder.In("gone"), hash, default));
    }

    private FileContents Open() => new(_folder.Path, _folder.In("cache"), FolderFence.None);

    private (string Path, string Sha256) Write(string content, bool old)
    {
        var path = _folder.In("file");
        File.WriteAllText(path, content);
        if (old) File.SetLastWriteTimeUtc(path, TimeProvider.System.GetUtcNow().UtcDateTime.AddMinutes(content == "one" ? -9 : -8));
        return (path, Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path))));
    }
}
