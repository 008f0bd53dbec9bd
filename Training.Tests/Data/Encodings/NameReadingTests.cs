using System.Text;
using Training.Core.Data.Encodings;

namespace Training.Tests.Data.Encodings;

public sealed class NameReadingTests
{
    private const int Utf8 = 65001, Korean = 949, ShiftJis = 932, EucJp = 51932, Gbk = 936, Big5 = 950, Dos = 437, WesternDos = 850,
        Western = 1252, RussianDos = 866, Russian = 1251;

    [Theory]
    [InlineData(Korean, "고양이", "강아지")]
    [InlineData(Korean, "치타", "cat")] // also ġŸ in UTF-8
    [InlineData(Korean, "사진 1", "사진 2")]
    [InlineData(Korean, "정상", "불량", "스크래치")]
    [InlineData(ShiftJis, "猫", "犬")]
    [InlineData(ShiftJis, "りんご", "バナナ", "ぶどう")]
    [InlineData(Gbk, "苹果", "香蕉", "葡萄", "橙子")]
    [InlineData(Big5, "老虎", "獅子", "大象", "長頸鹿")]
    [InlineData(EucJp, "ライオン", "ペンギン", "りんご")]
    [InlineData(Dos, "Füße", "Vögel", "Bäume")]
    [InlineData(WesternDos, "maçã", "pão", "São Paulo")]
    [InlineData(Western, "crème", "forêt", "élève")]
    [InlineData(RussianDos, "кошка", "собака")]
    [InlineData(Russian, "кошка", "собака")]
    [InlineData(Utf8, "고양이", "강아지")]
    [InlineData(Utf8, "猫", "犬")]
    [InlineData(Utf8, "Äpfel", "Birnen")]
    public void Of_NamesThatReadWellInOneEncodingOnly_KnowsIt(int codePage, params string[] names)
    {
        var reading = Read(codePage, names);

        Assert.True(reading.IsSure, string.Join(" | ", reading.Previews.Select(preview => string.Join('+', preview.Names))));
        Assert.Equal(names, names.Select(name => NamePlausibility.Decode(reading.Best, Bytes(codePage, name))));
    }

    [Theory]
    [InlineData(Gbk, "猫", "狗")]
    [InlineData(EucJp, "猫", "犬")]
    [InlineData(Korean, "뭍")]
    [InlineData(Dos, "Äpfel")]
    public void Of_NamesThatReadWellInSeveral_AsksAndHasTheRightOneAmongThem(int codePage, params string[] names)
    {
        var reading = Read(codePage, names);

        Assert.False(reading.IsSure);
        Assert.Contains(reading.Previews, preview => preview.Names.SequenceEqual(names));
        Assert.Equal(reading.Previews.Count, reading.Previews.DistinctBy(preview => string.Join('/', preview.Names)).Count());
    }

    /// <summary>As macOS writes Hangul: decomposed.</summary>
    [Fact]
    public void Of_DecomposedHangul_IsPlainlyUtf8() =>
        Assert.True(Read(Utf8, "고양이".Normalize(NormalizationForm.FormD), "강아지".Normalize(NormalizationForm.FormD)).IsPlain);

    [Theory]
    [InlineData("cp949", 949)]
    [InlineData("EUC-KR", 949)]
    [InlineData("gbk", 54936)]
    [InlineData("Shift_JIS", 932)]
    [InlineData("windows-1253", 1253)]
    [InlineData("cp737", 737)]
    [InlineData("UTF-8", 65001)]
    public void Find_ByAnyUsualName_IsTheEncoding(string typed, int codePage) =>
        Assert.Equal(codePage, NameEncoding.Find(typed)?.Encoding.CodePage);

    [Theory]
    [InlineData("klingon")]
    [InlineData("utf-16")]
    [InlineData("cp99999")]
    public void Find_OfNoEncodingOfNames_IsNothing(string typed) => Assert.Null(NameEncoding.Find(typed));

    private static NameReading Read(int codePage, params string[] names) =>
        NameReading.Of(new RawNames([.. names.Select(name => Bytes(codePage, name))], IsOfUnix: codePage is Utf8 or EucJp));

    private static byte[] Bytes(int codePage, string name) =>
        (CodePagesEncodingProvider.Instance.GetEncoding(codePage) ?? Encoding.GetEncoding(codePage)).GetBytes(name);
}
