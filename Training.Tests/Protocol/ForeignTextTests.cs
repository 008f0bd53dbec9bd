using Dashboard.Protocol;

namespace Training.Tests.Protocol;

public sealed class ForeignTextTests
{
    [Theory]
    [InlineData("box", "box")]
    [InlineData("강아지 1", "강아지 1")]
    [InlineData("box\nfail: Everything is on fire", "box·fail: Everything is on fire")]
    [InlineData("box\r\n\u2028\u0085x", "box····x")]
    [InlineData("gnp\u202exe", "gnp·xe")]
    [InlineData("\u001b[2J", "·[2J")]
    [InlineData(null, "")]
    public void Line_OfWhatCouldForgeAnotherLine_IsOne(string? text, string line) => Assert.Equal(line, ForeignText.Line(text));

    [Fact]
    public void Line_OfMegabytes_SaysHowManyThereWere() =>
        Assert.Equal("aaaaaaaaaa… (3900000 characters)", ForeignText.Line(new string('a', 3_900_000), 10));

    [Fact]
    public void Shorten_InTheMiddleOfAPair_KeepsNoHalfCharacter()
    {
        Assert.Equal("ab …", ForeignText.Shorten("ab😀cd", 3, " …"));
        Assert.Equal("ab😀 …", ForeignText.Shorten("ab😀cd", 4, " …"));
        Assert.Equal("ab😀cd", ForeignText.Shorten("ab😀cd", 6, " …"));
        Assert.Equal("a\nb (cut)", ForeignText.Shorten("a\nbc", 3, " (cut)"));
    }
}
