using System.Security.Cryptography;
using Training.Tests.TestKit;

namespace Training.Tests.Images;

public sealed class SquareCacheTests : IDisposable
{
    private const int Size = 8;

    private readonly TemporaryFolder _root = new();

    public void Dispose() => _root.Dispose();

    [Fact]
    public void TryRead_InTheNextRun_GivesTheSquareOfThatContentAndResizing()
    {
        Open().Add(Sha256("a"), Square(1));

        Assert.Equal(Square(1), Read(Open(), "a"));
        Assert.Null(Read(Open(), "b"));
        Assert.Null(Read(new SquareCache(_root.Path, Size, ResizeKind.Squash, isFull: false), "a"));
        Assert.Null(Read(new SquareCache(_root.Path, Size * 2, ResizeKind.CentreCrop, isFull: false), "a", Size * 2));
    }

    [Theory]
    [InlineData("cut")]
    [InlineData("bit")]
    [InlineData("empty")]
    public void TryRead_OfADamagedFile_IsNotThere(string damage)
    {
        Open().Add(Sha256("a"), Square(1));
        var path = Files().Single();
        var bytes = File.ReadAllBytes(path);
        bytes[5] ^= 1;
        File.WriteAllBytes(path, damage switch { "cut" => bytes[..^1], "bit" => bytes, _ => [] });

        Assert.Null(Read(Open(), "a"));

        Open().Add(Sha256("a"), Square(1));
        Assert.Equal(Square(1), Read(Open(), "a"));
    }

    [Fact]
    public void Add_BeyondTheLimit_KeepsNothingAndTheNextOpeningMakesRoom()
    {
        const int bytes = Size * Size * 3 + 8;
        var cache = Open(limit: 4 * bytes);
        foreach (var (name, day) in "abcde".Select((name, day) => (name.ToString(), day)))
        {
            cache.Add(Sha256(name), Square(day));
            foreach (var path in Files().Where(path => path.Contains(Sha256(name), StringComparison.Ordinal)))
                File.SetLastWriteTimeUtc(path, new DateTime(2026, 1, 1 + day, 0, 0, 0, DateTimeKind.Utc));
        }
        Assert.Null(Read(cache, "e"));
        Assert.Equal(4, Files().Length);

        var next = Open(limit: 3 * bytes);

        Assert.Equal(Square(3), Read(next, "d"));
        Assert.Null(Read(next, "a"));
        Assert.Single(Files());
    }

    [Fact]
    public void Add_WhereNothingCanBeWritten_GoesOnWithout()
    {
        var blocked = _root.In("file");
        File.WriteAllText(blocked, "not a folder");

        var cache = new SquareCache(blocked, Size, ResizeKind.CentreCrop, isFull: false);
        cache.Add(Sha256("a"), Square(1));

        Assert.Null(Read(cache, "a"));
        Assert.Equal("not a folder", File.ReadAllText(blocked));
    }

    [Fact]
    public void Add_OfUnknownContent_KeepsNothing()
    {
        Open().Add("", Square(1));

        Assert.Empty(Files());
    }

    private SquareCache Open(long limit = 1 << 20) => new(_root.Path, Size, ResizeKind.CentreCrop, isFull: false, limit);

    private string[] Files() => Directory.GetFiles(_root.Path, "*", SearchOption.AllDirectories);

    private static byte[]? Read(SquareCache cache, string name, int size = Size)
    {
        var rgb = new byte[size * size * 3];
        return cache.TryRead(Sha256(name), rgb) ? rgb : null;
    }

    private static string Sha256(string name) => Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.ASCII.GetBytes(name)));

    private static byte[] Square(int seed) => [.. Enumerable.Range(0, Size * Size * 3).Select(index => (byte)(index * seed))];
}
