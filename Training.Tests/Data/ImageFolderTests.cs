using Training.Core.Data;

namespace Training.Tests.Data;

/// <summary>Which folders are splits and classes.</summary>
public sealed class ImageFolderTests
{
    [Fact]
    public void Scan_FolderPerClass_AllTrain()
    {
        using var photos = new PhotoFolder().With("dogs", 3).With("cats", 2);

        var scan = photos.Scan();

        Assert.Equal(["cats", "dogs"], scan.Classes);
        Assert.Empty(scan.Problems);
        Assert.Equal(["cats/000.png", "cats/001.png", "dogs/000.png", "dogs/001.png", "dogs/002.png"],
            scan.Samples.Select(sample => sample.Path));
        Assert.Equal([0, 1, 2, 3, 4], scan.Samples.Select(sample => sample.Id));
        Assert.Equal([0, 0, 1, 1, 1], scan.Samples.Select(sample => sample.Label));
        Assert.All(scan.Samples, sample => Assert.Equal(Split.Train, sample.Split));
    }

    [Theory]
    [InlineData("train", "val", "test")]
    [InlineData("training", "valid", "testing")]
    [InlineData("training_set", "validation_set", "test_set")]
    [InlineData("Train", "VALIDATION", "Test")]
    public void Scan_SplitFolders_FindsThemByTheirUsualNames(string train, string val, string test)
    {
        using var photos = new PhotoFolder()
            .With($"{train}/cats", 4).With($"{train}/dogs", 4).With($"{val}/cats", 2).With($"{val}/dogs", 1).With($"{test}/cats", 1)
                .With($"{test}/dogs", 1);

        var scan = photos.Scan();

        Assert.Empty(scan.Problems);
        Assert.Equal(["cats", "dogs"], scan.Classes);
        Assert.Equal((8, 3, 2), (scan.Count(Split.Train), scan.Count(Split.Val), scan.Count(Split.Test)));
    }

    [Fact]
    public void Scan_SplitFolderWithinItself_AsInKagglesArchive()
    {
        using var photos = new PhotoFolder()
            .With("training_set/training_set/cats", 2).With("training_set/training_set/dogs", 2)
            .With("test_set/test_set/cats", 1).With("test_set/test_set/dogs", 1);

        var scan = photos.Scan();

        Assert.Empty(scan.Problems);
        Assert.Equal(["cats", "dogs"], scan.Classes);
        Assert.Equal((4, 0, 2), (scan.Count(Split.Train), scan.Count(Split.Val), scan.Count(Split.Test)));
    }

    [Fact]
    public void Scan_EverythingInOneFolder_LooksInside()
    {
        using var photos = new PhotoFolder().With("my photos/train/cats", 2).With("my photos/train/dogs", 2)
            .With("my photos/val/cats", 1).With("my photos/val/dogs", 1);

        var scan = photos.Scan();

        Assert.Empty(scan.Problems);
        Assert.Equal(["cats", "dogs"], scan.Classes);
        Assert.Equal("my photos/train/cats/000.png", scan.Samples[0].Path);
    }

    [Fact]
    public void Scan_ClassNamedTrain_IsAClass()
    {
        using var photos = new PhotoFolder().With("bus", 2).With("train", 2);

        Assert.Equal(["bus", "train"], photos.Scan().Classes);
    }

    [Fact]
    public void Scan_FoldersWithinAClass_CountForTheClass()
    {
        using var photos = new PhotoFolder().With("cats/monday/morning", 2).With("cats", 1).With("dogs", 2);

        var scan = photos.Scan();

        Assert.Empty(scan.Problems);
        Assert.Equal(3, scan.Samples.Count(sample => sample.Label == 0));
        Assert.Contains(scan.Samples, sample => sample.Path == "cats/monday/morning/001.png");
    }

    [Fact]
    public void Scan_UnusualClassNames_StayAsTheyAre()
    {
        string[] names = ["\"quoted\" 'names'", "<script>alert(1)<", "two words", "고양이"];
        using var photos = new PhotoFolder();
        foreach (var name in names) photos.With(name, 2);

        var scan = photos.Scan();

        Assert.Empty(scan.Problems);
        Assert.Equal(names, scan.Classes);
        Assert.Equal("고양이/001.png", scan.Samples[^1].Path);
    }

    [Fact]
    public void Scan_ValFolderElsewhere_CountsAsVal()
    {
        using var photos = new PhotoFolder().With("photos/cats", 2).With("photos/dogs", 2).With("held out/cats", 1)
            .With("held out/dogs", 2);

        var scan = ImageFolder.Scan(photos.In("photos"), photos.In("held out"));

        Assert.Empty(scan.Problems);
        Assert.Equal((4, 3), (scan.Count(Split.Train), scan.Count(Split.Val)));
        var held = scan.Samples.First(sample => sample.Split == Split.Val);
        Assert.Equal("../held out/cats/000.png", held.Path);
        Assert.True(File.Exists(new DatasetManifest("x", scan.Root, scan.Classes, scan.Samples).FullPath(held)));
    }

    [Fact]
    public void Scan_ValFolderBelow_IsNoClassOfTrain()
    {
        using var photos = new PhotoFolder().With("cats", 2).With("dogs", 2).With("mine/cats", 1).With("mine/dogs", 2);

        var scan = ImageFolder.Scan(photos.Root, photos.In("mine"));

        Assert.Equal(["cats", "dogs"], scan.Classes);
        Assert.Equal((4, 3), (scan.Count(Split.Train), scan.Count(Split.Val)));
    }

    [Fact]
    public void Scan_FolderBesideTheSplits_IsNamed()
    {
        using var photos = new PhotoFolder().With("train/cats", 2).With("train/dogs", 2).With("extra/cats", 2);

        Assert.Equal("extra", photos.Scan().Has(ProblemSeverity.Warning, "beside the split folders").Path);
    }

    [Fact]
    public void Scan_MissingFolderOrFile_SaysWhichAndWhatToDo()
    {
        using var photos = new PhotoFolder().Put("a file", 1);

        var missing = Assert.Throws<DirectoryNotFoundException>(() => ImageFolder.Scan(photos.In("nothing")));
        var file = Assert.Throws<DirectoryNotFoundException>(() => ImageFolder.Scan(photos.In("a file")));

        Assert.Contains($"There is no folder {photos.In("nothing")}", missing.Message, StringComparison.Ordinal);
        Assert.Contains("is a file, not a folder", file.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Scan_LinksInACircle_EndsAndSaysSo()
    {
        using var photos = new PhotoFolder().With("cats", 2).With("dogs", 2);
        Directory.CreateSymbolicLink(photos.In("cats/self"), photos.In("cats"));
        Directory.CreateSymbolicLink(photos.In("cats/up"), photos.Root);
        Directory.CreateSymbolicLink(photos.In("dogs/everything"), "/");
        Directory.CreateSymbolicLink(photos.In("dogs/endless"), photos.In("dogs/endless"));

        var scan = photos.Scan();

        Assert.Equal(4, scan.Samples.Count);
        Assert.Equal(3, scan.Problems.Count(problem => problem.Message.Contains("leads back", StringComparison.Ordinal)));
        Assert.Equal(4, scan.Problems.Count);
    }

    [Fact]
    public void Scan_LinkToAClassElsewhere_IsFollowed()
    {
        using var photos = new PhotoFolder().With("set/cats", 2).With("elsewhere", 3);
        Directory.CreateSymbolicLink(photos.In("set/dogs"), photos.In("elsewhere"));

        var scan = ImageFolder.Scan(photos.In("set"));

        Assert.Empty(scan.Problems);
        Assert.Equal(["cats", "dogs"], scan.Classes);
        Assert.Equal(5, scan.Samples.Count);
    }

    [Fact]
    public void Scan_WithProgress_CountsUpToTheTotal()
    {
        using var photos = new PhotoFolder().With("cats", 20).With("dogs", 30);
        var progress = new Steps();

        ImageFolder.Scan(photos.Root, progress: progress);

        Assert.Equal((0, 50), progress.Seen[0]);
        Assert.Equal((50, 50), progress.Seen[^1]);
        Assert.Equal(progress.Seen.Order(), progress.Seen);
    }

    [Fact]
    public void Scan_Stopped_ThrowsInsteadOfGivingHalf()
    {
        using var photos = new PhotoFolder().With("cats", 20).With("dogs", 30);
        using var cancellation = new CancellationTokenSource();
        var progress = new Steps { OnReport = done => { if (done == 10) cancellation.Cancel(); } };

        Assert.ThrowsAny<OperationCanceledException>(() =>
            ImageFolder.Scan(photos.Root, progress: progress, cancellationToken: cancellation.Token));
    }

    private sealed class Steps : IProgress<(int Done, int Total)>
    {
        public List<(int Done, int Total)> Seen { get; } = [];

        public Action<int> OnReport { get; init; } = _ => { };

        public void Report((int Done, int Total) value)
        {
            Seen.Add(value);
            OnReport(value.Done);
        }
    }
}
