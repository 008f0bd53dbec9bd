using Training.Core.Data;
using Training.Tests.TestKit;

namespace Training.Tests.Data;

/// <summary>Scans of real photo sets, against what is known about them.</summary>
public sealed class RealSetsTests
{
    [SkippableFact]
    public void Scan_Hymenoptera_FindsAllButThePlaceholder()
    {
        var scan = ImageFolder.Scan(RealData.Folder("hymenoptera"));

        Assert.Equal(["ants", "bees"], scan.Classes);
        Assert.Equal((244, 153), (scan.Count(Split.Train), scan.Count(Split.Val)));
        Assert.Equal("train/ants/imageNotFound.gif", scan.Has(ProblemSeverity.Warning, "Is a GIF image").Path);
        Assert.Single(scan.Problems);
    }

    [SkippableFact]
    public void Scan_OfTheFolderAroundThem_AsksWhichOneIsMeant()
    {
        var around = Path.GetDirectoryName(RealData.Folder("hymenoptera"))!;

        var question = ImageFolder.Scan(around).Question!;

        Assert.Contains("hold a dataset each", question.Message, StringComparison.Ordinal);
        Assert.Contains(question.Readings!, reading => reading is { Layout: "in=hymenoptera", ClassCount: 2 });
    }

    [SkippableFact]
    public void Scan_Trashnet_NamesTheThreePairsUnderTwoLabels()
    {
        var scan = ImageFolder.Scan(RealData.Folder("trashnet"));

        scan.HasNoErrors();
        Assert.Equal(6, scan.Classes.Count);
        var pairs = scan.Problems.Where(problem => problem.Message.Contains("under another label", StringComparison.Ordinal))
            .Select(problem => $"{problem.Path} {problem.Message}").ToList();
        Assert.Equal(3, pairs.Count);
        Assert.Contains(pairs, pair =>
            pair.Contains("glass115", StringComparison.Ordinal) && pair.Contains("metal91", StringComparison.Ordinal));
        Assert.Contains(pairs, pair =>
            pair.Contains("glass176", StringComparison.Ordinal) && pair.Contains("plastic152", StringComparison.Ordinal));
        Assert.Contains(pairs, pair =>
            pair.Contains("glass389", StringComparison.Ordinal) && pair.Contains("plastic332", StringComparison.Ordinal));
    }

    [SkippableFact]
    public void Scan_Monkeys_UsesTheFileWithoutExtensionAndCountsTheCopies()
    {
        var scan = ImageFolder.Scan(RealData.Folder("monkeys10"));

        scan.HasNoErrors();
        Assert.Equal(10, scan.Classes.Count);
        Assert.Equal("train/n9/n9151jpg", scan.Has(ProblemSeverity.Warning, "Has no file extension but is a JPEG image").Path);
        Assert.Contains(scan.Samples, sample => sample.Path == "train/n9/n9151jpg");
        scan.Has(ProblemSeverity.Warning, "68 images are exact copies");
    }

    [SkippableFact]
    public void Read_Hymenoptera_SameBatchesWithOneThreadAndWithFour()
    {
        var scan = ImageFolder.Scan(RealData.Folder("hymenoptera"));
        var options = new BatchLoaderOptions
        {
            Manifest = new DatasetManifest("hymenoptera", scan.Root, scan.Classes, scan.Samples),
            Samples = scan.Samples,
            BatchSize = 32,
            ImageSize = 96,
            Resize = ResizeKind.CentreCrop,
            Augmentation = new(AugmentationKind.CropAndFlip),
            Threads = 1,
        };
        using var one = new BatchLoader(options);
        using var four = new BatchLoader(options with { Threads = 4 });

        Assert.Equal(Sums(one), Sums(four));
    }

    private static List<long> Sums(BatchLoader loader) =>
        [.. loader.Read(1).Select(batch =>
            batch.Rgb.AsSpan(0, batch.Count * 96 * 96 * 3).ToArray().Select((value, at) => (long)value * (at % 251)).Sum())];
}
