using System.Security.Cryptography;
using Training.Core.Data;
using Training.Core.Data.Demo;
using Training.Tests.TestKit;

namespace Training.Tests.Data.Demo;

/// <summary>Draws the demo set once for all tests.</summary>
public sealed class DemoSet : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public DemoSet() => ShapesDataset.Write(Path);

    public string Path => _folder.In("demo");

    public void Dispose() => _folder.Dispose();
}

public sealed class ShapesDatasetTests(DemoSet demo) : IClassFixture<DemoSet>
{
    [Fact]
    public void Write_ThenScan_IsASetWithoutAWordToSayAboutIt()
    {
        var scan = ImageFolder.Scan(demo.Path);

        Assert.Empty(scan.Problems);
        Assert.Equal(ShapesDataset.Classes, scan.Classes);
        Assert.All(scan.Samples, sample => Assert.Equal((96, 96), (sample.Width, sample.Height)));
        var outline = scan.Outline("demo");
        for (var label = 0; label < 8; label++)
            Assert.Equal((100, 30, 0), (outline.Counts[label, 0], outline.Counts[label, 1], outline.Counts[label, 2]));
    }

    [Fact]
    public void Write_WrongLabels_AreThreePercentSpreadOverAllClassesAndRecorded()
    {
        var lines = File.ReadAllLines(Path.Combine(demo.Path, ShapesDataset.MislabelledFile));
        var wrong = lines.Skip(1).Select(line => line.Split(',')).ToList();

        Assert.Equal("path,label,trueLabel", lines[0]);
        Assert.Equal(24, wrong.Count);
        Assert.Equal(24, wrong.Select(parts => parts[0]).Distinct().Count());
        Assert.All(wrong, parts => Assert.True(File.Exists(Path.Combine(demo.Path, parts[0]))));
        Assert.All(wrong, parts => Assert.StartsWith($"train/{parts[1]}/", parts[0], StringComparison.Ordinal));
        Assert.All(wrong, parts => Assert.NotEqual(parts[1], parts[2]));
        Assert.All(ShapesDataset.Classes, name => Assert.Equal(3, wrong.Count(parts => parts[1] == name)));
        Assert.All(ShapesDataset.Classes, name => Assert.Equal(3, wrong.Count(parts => parts[2] == name)));
    }

    [Fact]
    public void Write_SameSeed_SameBytes_OtherSeed_Others()
    {
        using var folder = new TemporaryFolder();
        ShapesDataset.Write(folder.In("again"));
        ShapesDataset.Write(folder.In("other"), seed: 2);

        Assert.Equal(Hashes(demo.Path), Hashes(folder.In("again")));
        Assert.Empty(Hashes(demo.Path).Values.Intersect(Hashes(folder.In("other")).Values));
    }

    [Fact]
    public void Write_FolderInUse_IsRefusedAndLeftAlone()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.In("mine.txt"), "mine");

        var error = Assert.Throws<IOException>(() => ShapesDataset.Write(folder.Path));

        Assert.Contains("not empty", error.Message, StringComparison.Ordinal);
        Assert.Equal([folder.In("mine.txt")], Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public void Write_Stopped_LeavesNothingBehind()
    {
        using var folder = new TemporaryFolder();
        using var cancellation = new CancellationTokenSource();
        var progress = new StopAfterTheFirst(cancellation);

        Assert.ThrowsAny<OperationCanceledException>(() =>
            ShapesDataset.Write(folder.In("demo"), progress: progress, cancellationToken: cancellation.Token));

        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public void Write_EmptyFolder_IsFilled()
    {
        using var folder = new TemporaryFolder();

        ShapesDataset.Write(folder.Path);

        Assert.True(Directory.Exists(folder.In("train", "wave")));
    }

    private static SortedDictionary<string, string> Hashes(string root) => new(
        Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories).ToDictionary(
            path => Path.GetRelativePath(root, path), path => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(path)))),
        StringComparer.Ordinal);

    private sealed class StopAfterTheFirst(CancellationTokenSource cancellation) : IProgress<(int Done, int Total)>
    {
        public void Report((int Done, int Total) value) => cancellation.Cancel();
    }
}
