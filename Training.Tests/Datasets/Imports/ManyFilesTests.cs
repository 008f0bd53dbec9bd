using System.IO.Compression;
using Dashboard.Datasets;
using Dashboard.Datasets.Imports;
using Dashboard.Datasets.Zips;
using Dashboard.Storage;
using Training.Core.Data;
using Training.Tests.TestKit;

namespace Training.Tests.Datasets.Imports;

/// <summary>A zip of 100,000 small files: within the limit it is taken whole, above it refused before its list is read.</summary>
public sealed class ManyFilesTests : IDisposable
{
    private const int Count = 100_000;
    private static readonly ZipLimits Generous = new() { MaxBytes = 1L << 40, MaxEntries = Count, FreeBytes = 1L << 40 };

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Unpack_OfTenThousandFiles_LeavesThemAll()
    {
        const int some = Count / 10;
        MakeZip(some, i => $"photos/class {i % 100:D2}/{i}.txt");
        var reports = 0;

        UploadFiles.Unpack(_folder.In("7.zip"), _folder.In("7"), Generous, new Progress(() => reports++), default);

        Assert.Equal(100, Directory.GetDirectories(_folder.In("7")).Length);
        Assert.Equal(some, Directory.EnumerateFiles(_folder.In("7"), "*", SearchOption.AllDirectories).Count());
        // A page that follows it isn't drowned.
        Assert.InRange(reports, 100, 250);
    }

    [Fact]
    public void Open_OfOneFileMoreThanAllowed_IsRefusedByItsEndAlone()
    {
        MakeZip(Count + 1, i => $"a/{i}");
        // Nothing but the end is looked at: a list of names would be found to be damaged.
        using (var zip = File.OpenWrite(_folder.In("7.zip"))) zip.Write(new byte[zip.Length - 200]);

        var error = Assert.Throws<DatasetException>(() => ZipContents.Open(_folder.In("7.zip"), Generous));

        Assert.Contains("100,001 files; 100,000 at most", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Dataset_OfAZipWithAHundredThousandFilesThatAreNoImages_ListsSomeAndCountsTheRest()
    {
        await using var bench = new DatasetBench();
        MakeZip(Count, i => i < 4 ? $"class {i % 2}/{i}.png" : $"class {i % 2}/{i}.jpg", i => i < 4 ? TestZip.Png : [(byte)'x']);
        Directory.CreateDirectory(Path.Combine(bench.App.DataRoot, "datasets"));

        var row = await bench.ScannedAsync((await bench.Store.AddUploadAsync("many", _folder.In("7.zip"))).Id);

        Assert.Equal(DatasetState.Ready, row.State);
        var outline = bench.Store.Outline(row);
        Assert.Equal(4, outline.Total);
        Assert.InRange(outline.Problems.Count, 10_000, 10_010);
        Assert.Contains(outline.Problems, problem => problem.Message.StartsWith("There are ", StringComparison.Ordinal)
            && problem.Message.Contains("more problems", StringComparison.Ordinal));
        Assert.Equal([ProblemSeverity.Warning], outline.Problems.Select(problem => problem.Severity).Distinct());
    }

    public void Dispose() => _folder.Dispose();

    private void MakeZip(int count, Func<int, string> name, Func<int, byte[]>? content = null)
    {
        using var zip = ZipFile.Open(_folder.In("7.zip"), ZipArchiveMode.Create);
        for (var i = 0; i < count; i++)
        {
            using var entry = zip.CreateEntry(name(i), CompressionLevel.NoCompression).Open();
            entry.Write(content?.Invoke(i) ?? [(byte)i]);
        }
    }

    private sealed class Progress(Action report) : IProgress<(int, int)>
    {
        public void Report((int, int) value) => report();
    }
}
