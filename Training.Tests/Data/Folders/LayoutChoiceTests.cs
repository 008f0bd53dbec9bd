using Training.Core.Data;
using Training.Core.Data.Folders;

namespace Training.Tests.Data.Folders;

/// <summary>How somebody says how a folder is to be read.</summary>
public sealed class LayoutChoiceTests
{
    [Theory]
    [InlineData("classes", "classes")]
    [InlineData("class-first", "classFirst")]
    [InlineData(" CLASSFIRST ", "classFirst")]
    [InlineData("inNames,alike=apart", "inNames,alike=apart")]
    [InlineData("val=fold 5", "val=fold 5")]
    [InlineData("train=a,train=b, val=c,d", "train=a,train=b,val=c,d")]
    [InlineData("val=a=b", "val=a=b")]
    [InlineData("in=color/,merged,alike=one", "in=color,merged,alike=one")]
    [InlineData("auto", "")]
    [InlineData("", "")]
    [InlineData(null, "")]
    public void Parse_WhatCanBeSaid_ComesBackAsText(string? text, string said)
    {
        var choice = LayoutChoice.Parse(text);

        Assert.Equal(said, choice.ToString());
        Assert.Equal(choice, LayoutChoice.Parse(choice.ToString()));
    }

    [Theory]
    [InlineData("sideways")]
    [InlineData("val=")]
    [InlineData("alike=maybe")]
    [InlineData("3")]
    [InlineData("classes,val=a")]
    public void Parse_SomethingElse_SaysWhatCanBeSaid(string text) =>
        Assert.Contains("Take ", Assert.Throws<FormatException>(() => LayoutChoice.Parse(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void Scan_WithSplitsSaid_TakesTheFoldersThatWereNamed()
    {
        using var photos = new PhotoFolder();
        for (var fold = 0; fold < 5; fold++) photos.With($"fold_{fold}/cat", 2).With($"fold_{fold}/dog", 2);

        var rest = ImageFolder.Scan(photos.Root, layout: LayoutChoice.Parse("val=fold_4"));
        var named = ImageFolder.Scan(photos.Root, layout: LayoutChoice.Parse("train=fold_0,train=fold_1,val=fold_2,test=fold_3"));

        Assert.Equal((16, 4, 0), (rest.Count(Split.Train), rest.Count(Split.Val), rest.Count(Split.Test)));
        Assert.Equal((8, 4, 4), (named.Count(Split.Train), named.Count(Split.Val), named.Count(Split.Test)));
        Assert.Equal("fold_4", named.Has(ProblemSeverity.Warning, "Lies beside the split folders").Path);
    }

    [Theory]
    [InlineData("val=fold_9", "fold_9")]
    [InlineData("in=fold_9", "fold_9")]
    public void Scan_WithAFolderThatIsNotThere_SaysSoAndAsksAgain(string layout, string missing)
    {
        using var photos = new PhotoFolder().With("fold_0/cat", 2).With("fold_0/dog", 2).With("fold_1/cat", 2).With("fold_1/dog", 2);

        var question = ImageFolder.Scan(photos.Root, layout: LayoutChoice.Parse(layout)).Question!;

        Assert.Contains($"“{missing}”, which is not there", question.Message, StringComparison.Ordinal);
        Assert.Contains(question.Readings!, reading => reading.Layout == "merged");
    }

    [Fact]
    public void Scan_OfWhatIsClear_CanBeSaidOtherwise()
    {
        using var photos = new PhotoFolder().With("train/cat", 2).With("train/dog", 2).With("val/cat", 1).With("val/dog", 1);

        Assert.Equal(["train", "val"], ImageFolder.Scan(photos.Root, layout: LayoutChoice.Parse("classes")).Classes);
        Assert.Equal(6, ImageFolder.Scan(photos.Root, layout: LayoutChoice.Parse("merged")).Count(Split.Train));
    }
}
