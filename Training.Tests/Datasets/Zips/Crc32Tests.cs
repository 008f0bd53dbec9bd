using System.IO.Hashing;
using System.Text;

namespace Training.Tests.Datasets.Zips;

public sealed class Crc32Tests
{
    /// <summary>From zlib (python3 -c "import zlib; print(hex(zlib.crc32(b'...')))").</summary>
    [Theory]
    [InlineData("", 0u)]
    [InlineData("123456789", 0xcbf43926u)]
    [InlineData("The quick brown fox jumps over the lazy dog", 0x414fa339u)]
    public void Value_OfAText_IsThatOfZlib(string text, uint expected)
    {
        var sum = new Crc32();
        sum.Append(Encoding.ASCII.GetBytes(text));

        Assert.Equal(expected, sum.GetCurrentHashAsUInt32());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(20)]
    public void Value_OfPieces_IsThatOfTheWhole(int piece)
    {
        var bytes = Encoding.ASCII.GetBytes("The quick brown fox jumps over the lazy dog");
        var sum = new Crc32();
        foreach (var part in bytes.Chunk(piece)) sum.Append(part);

        Assert.Equal(0x414fa339u, sum.GetCurrentHashAsUInt32());
    }
}
