using System.Text;
using Training.Core.Data.Folders;

namespace Training.Tests.Data.Folders;

/// <summary>Which names are the same and which only look so.</summary>
public sealed class ClassNamesTests
{
    [Theory]
    [InlineData("고양이")]
    [InlineData("café")]
    [InlineData("が")]
    public void Same_ComposedAndDecomposed_IsTrue(string name)
    {
        var decomposed = name.Normalize(NormalizationForm.FormD);

        Assert.NotEqual(name, decomposed);
        Assert.True(ClassNames.Same(name, decomposed));
        Assert.Equal(name, ClassNames.Of(decomposed));
        Assert.Equal(name, ClassNames.Compose(decomposed));
    }

    [Theory]
    [InlineData("cat ", "cat", true)]
    [InlineData("\u00a0cat", "cat", true)]
    [InlineData("Cat", "cat", false)]
    [InlineData("ｃａｔ", "cat", false)]
    [InlineData("cats", "cat", false)]
    public void Same_OtherDifferences(string one, string other, bool same) => Assert.Equal(same, ClassNames.Same(one, other));

    [Theory]
    [InlineData("Cat", "cat")]
    [InlineData("cat ", "CAT")]
    [InlineData("ｃａｔ", "cat")]
    [InlineData("c\u200bat", "cat")]
    [InlineData("ﾈｺ", "ネコ")]
    [InlineData("ΣΟΦΟΣ", "σοφος")]
    [InlineData("ﬁsh", "Fish")]
    public void Alike_CaseWidthAndInvisible_IsTrue(string one, string other)
    {
        Assert.True(ClassNames.Alike(one, other));
        Assert.False(ClassNames.Same(one, other));
    }

    [Fact]
    public void Alike_DifferentNames_IsFalse()
    {
        Assert.False(ClassNames.Alike("cat", "cats"));
        Assert.False(ClassNames.Alike("1", "l"));
    }

    [Fact]
    public void Of_NothingButBlanksOrHalfALetter_StaysAsItIs()
    {
        Assert.Equal(" ", ClassNames.Of(" "));
        Assert.Equal("\ud83d", ClassNames.Of("\ud83d"));
        Assert.Equal("\ud83d", ClassNames.Key("\ud83d"));
    }

    [Fact]
    public void Match_SameBeforeAlike_AndNeverTwoCandidates()
    {
        string[] known = ["Cat", "cat", "dog", "개미"];

        Assert.Equal([1, 2, 3, null, null],
            ClassNames.Match(["cat ", "Dog", "개미".Normalize(NormalizationForm.FormD), "CAT", "bird"], known));
    }
}
