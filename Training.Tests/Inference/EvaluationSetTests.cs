using System.Text;
using Training.Core.Data;
using Training.Core.Inference;
using Training.Tests.Data;

namespace Training.Tests.Inference;

/// <summary>What can be measured on a folder is not what can be trained on it.</summary>
public sealed class EvaluationSetTests
{
    private static readonly string[] Classes = ["cat", "dog", "강아지"];

    [Theory]
    [InlineData("test/")]
    [InlineData("val/")]
    [InlineData("")]
    public void Of_AFolderThatCannotBeTrainedOn_IsFine(string split)
    {
        using var photos = new PhotoFolder().With($"{split}dog", 3);

        var set = EvaluationSet.Of(photos.Scan(), Classes);

        Assert.Empty(set.Problems);
        Assert.Equal([1, 1, 1], set.Manifest!.Samples.Select(sample => sample.Label));
        Assert.Equal(Classes, set.Manifest.Classes);
        Assert.Equal(["cat", "강아지"], set.Coverage.Never);
    }

    [Fact]
    public void Of_ASplitFolder_TakesTheValidationPartAndLeavesTheRest()
    {
        using var photos = new PhotoFolder().With("train/cat", 4).With("train/dog", 1).With("val/dog", 2).With("test/cat", 1);

        Assert.Equal([1, 1], EvaluationSet.Of(photos.Scan(), Classes).Manifest!.Samples.Select(sample => sample.Label));
    }

    [Fact]
    public void Of_AClassThatIsOnlyInVal_IsMeasured()
    {
        using var photos = new PhotoFolder().With("train/cat", 3).With("val/cat", 1).With("val/dog", 2);

        var set = EvaluationSet.Of(photos.Scan(), Classes);

        Assert.Empty(set.Problems);
        Assert.Equal([0, 1, 1], set.Manifest!.Samples.Select(sample => sample.Label));
        Assert.Equal(["cat"], set.Coverage.Once);
    }

    [Fact]
    public void Of_AnEmptyClassFolder_IsNoError()
    {
        using var photos = new PhotoFolder().With("cat", 2).With("dog", 2).With("mouse", 0);

        var set = EvaluationSet.Of(photos.Scan(), Classes);

        Assert.Empty(set.Problems);
        Assert.Equal(4, set.Manifest!.Samples.Count);
    }

    [Fact]
    public void Of_AnUnknownClass_LeavesItsImagesOutAndSaysSo()
    {
        using var photos = new PhotoFolder().With("cat", 2).With("wolf", 3);

        var set = EvaluationSet.Of(photos.Scan(), Classes);

        Assert.Equal([0, 0], set.Manifest!.Samples.Select(sample => sample.Label));
        Assert.All(set.Problems, problem =>
            Assert.Equal((ProblemSeverity.Warning, FindingPurpose.Evaluating), (problem.Severity, problem.Purpose)));
        Assert.Equal(
            ["The model does not know 'wolf': its 3 images are left out of the figures. The model's classes are 'cat', 'dog', '강아지'."],
            set.Problems.Select(problem => problem.Message));
    }

    [Fact]
    public void Of_ANameInAnotherCase_IsTheSameClassAndSaysSo()
    {
        using var photos = new PhotoFolder().With("cat", 2).With("Dog", 1);

        var set = EvaluationSet.Of(photos.Scan(), Classes);

        Assert.Equal([0, 0, 1], set.Manifest!.Samples.Select(sample => sample.Label).Order());
        Assert.Contains("'Dog' and 'dog'. They count as the same class", Assert.Single(set.Problems).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_ANameInAnotherUnicodeForm_IsTheSameClass()
    {
        using var photos = new PhotoFolder().With("강아지".Normalize(NormalizationForm.FormD), 2);

        var set = EvaluationSet.Of(photos.Scan(), Classes);

        Assert.Empty(set.Problems);
        Assert.Equal([2, 2], set.Manifest!.Samples.Select(sample => sample.Label));
    }

    [Fact]
    public void Of_UnknownClassesOnly_IsAnErrorInEvaluatingsWords()
    {
        using var photos = new PhotoFolder().With("wolf", 2).With("bear", 2);

        var set = EvaluationSet.Of(photos.Scan(), Classes);

        Assert.Null(set.Manifest);
        Assert.Equal(ProblemSeverity.Error, set.Problems[0].Severity);
        Assert.Contains("No image here belongs to a class of the model", set.Problems[0].Message, StringComparison.Ordinal);
        Assert.DoesNotContain(set.Problems, problem => problem.Message.Contains("train", StringComparison.Ordinal));
    }

    [Fact]
    public void Of_NoUsableImage_IsAnError()
    {
        using var photos = new PhotoFolder().Put("cat/a.jpg", 1, 2, 3);

        var set = EvaluationSet.Of(photos.Scan(), Classes);

        Assert.Null(set.Manifest);
        Assert.Contains(set.Problems, problem =>
            problem is { Severity: ProblemSeverity.Error, Message: "None of the files in the class folders is a usable image." });
    }
}
