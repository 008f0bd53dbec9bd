using Training.Core.Data;
using Training.Tests.Images;

namespace Training.Tests.Data;

/// <summary>What a scan says about the set as a whole.</summary>
public sealed class ScanFindingsTests
{
    [Fact]
    public void Scan_NoImages_IsAnError()
    {
        using var empty = new PhotoFolder();
        using var texts = new PhotoFolder().Put("cats/a.txt", 65).Put("dogs/a.txt", 65);

        empty.Scan().Has(ProblemSeverity.Error, "There are no images in class folders here");
        texts.Scan().Has(ProblemSeverity.Error, "None of the files in the class folders is a usable image");
    }

    [Fact]
    public void Scan_ImagesWithoutClassFolders_IsAnErrorThatNamesThem()
    {
        using var photos = new PhotoFolder().With(".", 2);

        var scan = photos.Scan();

        scan.Has(ProblemSeverity.Error, "There are no images in class folders here");
        Assert.Equal(2, scan.Problems.Count(problem => problem.Message.StartsWith("Lies in no class folder", StringComparison.Ordinal)));
    }

    [Fact]
    public void Scan_OneClass_IsAnError()
    {
        using var photos = new PhotoFolder().With("cats", 3);

        photos.Scan().Has(ProblemSeverity.Error, "only one class, “cats”");
    }

    [Fact]
    public void Scan_ClassWithoutUsableImages_IsAnError()
    {
        using var photos = new PhotoFolder().With("cats", 3).With("dogs", 3).With("mice", 0);

        photos.Scan().Has(ProblemSeverity.Error, "“mice” has no usable image to train on");
    }

    [Fact]
    public void Scan_OnlyATestSplit_IsAnError()
    {
        using var photos = new PhotoFolder().With("test/cats", 3).With("test/dogs", 3);

        photos.Scan().Has(ProblemSeverity.Error, "There is no train split");
    }

    [Theory]
    [InlineData("val")]
    [InlineData("test")]
    public void Scan_ClassMissingInTrain_IsAnError(string validation)
    {
        using var photos = new PhotoFolder().With("train/cats", 3).With("train/dogs", 3).With($"{validation}/mice", 1)
            .With($"{validation}/dogs", 1);

        photos.Scan().Has(ProblemSeverity.Error, $"“mice” is in the {validation} split but not in train");
    }

    [Fact]
    public void Scan_ClassMissingInVal_IsAWarning()
    {
        using var photos = new PhotoFolder().With("train/cats", 3).With("train/dogs", 3).With("val/cats", 1);

        var scan = photos.Scan();

        scan.Has(ProblemSeverity.Warning, "“dogs” is in train but not in the val split");
        scan.HasNoErrors();
    }

    [Fact]
    public void Scan_UnevenClasses_IsAWarningWithBothCounts()
    {
        using var photos = new PhotoFolder().With("cats", 22).With("dogs", 2);
        using var even = new PhotoFolder().With("cats", 20).With("dogs", 2);

        photos.Scan().Has(ProblemSeverity.Warning, "“cats” has 22 training images, “dogs” only 2");
        Assert.Empty(even.Scan().Problems);
    }

    [Fact]
    public void Scan_SameFileUnderTwoLabels_NamesBothPaths()
    {
        using var photos = new PhotoFolder().With("cats", 2).With("dogs", 2).Put("cats/x.png", Pictures.Small(77))
            .Put("dogs/y.png", Pictures.Small(77));

        var problem = photos.Scan().Has(ProblemSeverity.Warning, "Is the same file as cats/x.png, under another label (“dogs” and “cats”)");

        Assert.Equal("dogs/y.png", problem.Path);
    }

    [Fact]
    public void Scan_SameFileInTwoSplits_NamesBothPaths()
    {
        using var photos = new PhotoFolder().With("train/cats", 2).With("train/dogs", 2).With("val/dogs", 1)
            .Put("train/cats/x.png", Pictures.Small(77)).Put("val/cats/y.png", Pictures.Small(77));

        var problem = photos.Scan().Has(ProblemSeverity.Warning, "Is the same file as train/cats/x.png, in another split (val and train)");

        Assert.Equal("val/cats/y.png", problem.Path);
    }

    [Fact]
    public void Scan_CopiesWithinAClass_AreCounted()
    {
        using var photos = new PhotoFolder().With("cats", 2).With("dogs", 2).Put("cats/x.png", Pictures.Small(77))
            .Put("cats/y.png", Pictures.Small(77)).Put("cats/z.png", Pictures.Small(77));

        photos.Scan().Has(ProblemSeverity.Warning, "2 images are exact copies of others of their class and split");
    }
}
