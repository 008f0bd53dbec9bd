using UtfUnknown.Core.Analyzers.Chinese;
using UtfUnknown.Core.Analyzers.Japanese;
using UtfUnknown.Core.Analyzers.Korean;

namespace Training.Core.Data.Encodings;

/// <summary>
/// How common a character of a two-byte encoding is in texts of its language, counted by Mozilla's detector of encodings (UTF.Unknown has
/// its tables). The detector itself needs a page of text: of two syllables it says "probably UTF-8", or Thai.
/// </summary>
internal static class CharacterRanks
{
    /// <returns>0: the most common one; negative or beyond the table: not counted.</returns>
    public delegate int Of(ReadOnlySpan<byte> character);

    public static Of Korean { get; } = new KoreanTable().Rank;

    public static Of SimplifiedChinese { get; } = new SimplifiedTable().Rank;

    public static Of TraditionalChinese { get; } = new TraditionalTable().Rank;

    public static Of ShiftJis { get; } = new ShiftJisTable().Rank;

    public static Of EucJp { get; } = new EucJpTable().Rank;

    private static int At(int[] table, int order) => order >= 0 && order < table.Length ? table[order] : -1;

    private sealed class KoreanTable : EUCKRDistributionAnalyser
    {
        public int Rank(ReadOnlySpan<byte> character) => At(charToFreqOrder, GetOrder(character));
    }

    private sealed class SimplifiedTable : GB18030DistributionAnalyser
    {
        public int Rank(ReadOnlySpan<byte> character) => At(charToFreqOrder, GetOrder(character));
    }

    private sealed class TraditionalTable : BIG5DistributionAnalyser
    {
        public int Rank(ReadOnlySpan<byte> character) => At(charToFreqOrder, GetOrder(character));
    }

    private sealed class ShiftJisTable : SJISDistributionAnalyser
    {
        public int Rank(ReadOnlySpan<byte> character) => At(charToFreqOrder, GetOrder(character));
    }

    private sealed class EucJpTable : EUCJPDistributionAnalyser
    {
        public int Rank(ReadOnlySpan<byte> character) => At(charToFreqOrder, GetOrder(character));
    }
}
