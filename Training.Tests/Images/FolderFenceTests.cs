using Training.Core.Data;
using Training.Tests.Data;
using Training.Tests.TestKit;

namespace Training.Tests.Images;

/// <summary>Links that lead out of the folders that a dataset may be read from.</summary>
public sealed class FolderFenceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public FolderFenceTests()
    {
        TestImages.Write(_folder.In("inside", "cats", "1.jpg"), 1, "inside");
        TestImages.Write(_folder.In("outside", "cats", "1.jpg"), 2, "outside");
    }

    private FolderFence Fence => new([_folder.In("inside")]);

    [Fact]
    public void Path_WithLinksInTheMiddle_LeadsWhereTheSystemSays()
    {
        Directory.CreateSymbolicLink(_folder.In("a"), _folder.In("outside"));
        Directory.CreateSymbolicLink(_folder.In("inside", "b"), Path.Combine("..", "a", "cats"));
        File.CreateSymbolicLink(_folder.In("inside", "c.jpg"), Path.Combine("b", "..", "cats", "1.jpg"));

        Assert.Equal(_folder.In("outside", "cats", "1.jpg"), RealPath.Of(_folder.In("inside", "c.jpg")));
        Assert.Equal(_folder.In("outside", "cats"), RealPath.Of(_folder.In("inside", "b", ".", "")));
        Assert.Equal(_folder.In("outside"), RealPath.Of(_folder.Path + "/inside/b/.."));
        Assert.Equal(_folder.In("outside", "gone", "x"), RealPath.Of(_folder.In("a", "gone", "x")));
    }

    [Fact]
    public void Path_InACircle_IsRefused()
    {
        File.CreateSymbolicLink(_folder.In("one"), _folder.In("two"));
        File.CreateSymbolicLink(_folder.In("two"), _folder.In("one"));

        Assert.Throws<IOException>(() => RealPath.Of(_folder.In("one", "x")));
        Assert.False(FolderFence.None.LetsThrough(_folder.In("one")));
    }

    [Theory]
    [InlineData("/proc/self/environ", false)]
    [InlineData("/sys", false)]
    [InlineData("/dev/null", false)]
    [InlineData("/dev/shm/photos", true)]
    [InlineData("/process", true)]
    [InlineData("/home/sys", true)]
    public void Folders_OfTheSystem_AreNobodys(string path, bool open) => Assert.Equal(open, FolderFence.None.Holds(path));

    [Fact]
    public void Folder_WhoseNameOnlyBeginsAlike_IsOutside() =>
        Assert.False(new FolderFence(["/data/photos"]).Holds("/data/photos2/cat.jpg"));

    [Fact]
    public void Open_ALinkThatLeadsOut_IsRefused()
    {
        File.CreateSymbolicLink(_folder.In("inside", "cats", "2.jpg"), _folder.In("outside", "cats", "1.jpg"));
        Directory.CreateSymbolicLink(_folder.In("inside", "dogs"), _folder.In("outside", "cats"));

        Fence.Open(_folder.In("inside", "cats", "1.jpg")).Dispose();
        Assert.Throws<OutsideFenceException>(() => Fence.Open(_folder.In("inside", "cats", "2.jpg")));
        Assert.Throws<OutsideFenceException>(() => Fence.Open(_folder.In("inside", "dogs", "1.jpg")));
        Assert.Throws<OutsideFenceException>(() => FolderFence.None.Open("/proc/self/status"));
        Assert.Throws<FileNotFoundException>(() => Fence.Open(_folder.In("inside", "gone.jpg")));
    }

    [Fact]
    public async Task Open_WhileALinkIsSwapped_NeverReadsWhatLiesOutside()
    {
        var (path, secret) = (_folder.In("inside", "swapped.jpg"), _folder.In("outside", "cats", "1.jpg"));
        var (own, forbidden) = (File.ReadAllBytes(_folder.In("inside", "cats", "1.jpg")), File.ReadAllBytes(secret));
        using var cancellation = new CancellationTokenSource();
        var swapping = Task.Run(() =>
        {
            for (var turn = 0; !cancellation.IsCancellationRequested; turn++)
            {
                File.CreateSymbolicLink(path + ".new", turn % 2 == 0 ? _folder.In("inside", "cats", "1.jpg") : secret);
                File.Move(path + ".new", path, overwrite: true);
            }
        });
        await Eventually.TrueAsync(() => File.Exists(path), "the link is there");
        var (read, refused) = (0, 0);
        while (read < 200 || refused < 200)
        {
            try
            {
                using var handle = Fence.Open(path);
                var bytes = new byte[RandomAccess.GetLength(handle)];
                RandomAccess.Read(handle, bytes, 0);
                Assert.Equal(own, bytes);
                read++;
            }
            catch (OutsideFenceException)
            {
                refused++;
            }
        }
        await cancellation.CancelAsync();
        await swapping;
        Assert.NotEqual(own, forbidden);
    }

    [Fact]
    public void Scan_OfLinksThatLeadOut_NamesThemAndNothingBehindThem()
    {
        TestImages.Write(_folder.In("inside", "dogs", "1.jpg"), 3, "dog");
        File.WriteAllText(_folder.In("outside", "cats", "passwords.txt"), "secret");
        Directory.CreateSymbolicLink(_folder.In("inside", "cows"), _folder.In("outside", "cats"));
        Directory.CreateSymbolicLink(_folder.In("inside", "dogs", "more"), _folder.In("outside"));
        File.CreateSymbolicLink(_folder.In("inside", "cats", "2.jpg"), _folder.In("outside", "cats", "1.jpg"));

        var scan = ImageFolder.Scan(_folder.In("inside"), fence: Fence);

        Assert.Equal(["cats/1.jpg", "dogs/1.jpg"], scan.Samples.Select(sample => sample.Path));
        Assert.Equal(["cats/2.jpg", "cows", "dogs/more"],
            scan.Problems.Where(problem => problem.Message.Contains("leads out of", StringComparison.Ordinal))
                .Select(problem => problem.Path).Order(StringComparer.Ordinal));
        Assert.DoesNotContain(scan.Problems, problem =>
            $"{problem.Path} {problem.Message}".Contains("passwords", StringComparison.Ordinal));
        // Without a fence links are followed as ever, each folder once.
        Assert.Equal(["cats/1.jpg", "cats/2.jpg", "cows/1.jpg", "dogs/1.jpg"],
            ImageFolder.Scan(_folder.In("inside")).Samples.Select(sample => sample.Path));
    }

    [Fact]
    public void Scan_OfASplitThatIsALinkOut_ReadsNothingOfIt()
    {
        foreach (var name in new[] { "train/cats", "train/dogs" }) TestImages.Write(_folder.In("inside", "set", name, "1.jpg"), 1, name);
        TestImages.Write(_folder.In("outside", "val", "secret", "1.jpg"), 1, "secret");
        Directory.CreateSymbolicLink(_folder.In("inside", "set", "val"), _folder.In("outside", "val"));

        var scan = ImageFolder.Scan(_folder.In("inside", "set"), fence: Fence);

        Assert.Equal(["cats", "dogs"], scan.Classes);
        Assert.Equal(2, scan.Samples.Count);
    }

    [Fact]
    public void Training_OnAFileThatBecameALinkOut_Ends()
    {
        using var photos = new PhotoFolder().With("cats", 2).With("dogs", 2);
        var manifest = photos.Manifest() with { Within = [photos.Root] };
        var taken = manifest.FullPath(manifest.Samples[1]);
        File.Delete(taken);
        File.CreateSymbolicLink(taken, _folder.In("outside", "cats", "1.jpg"));
        using var loader = new BatchLoader(new BatchLoaderOptions
        {
            Manifest = manifest, Samples = manifest.Samples, ImageSize = 16, BatchSize = 4, Resize = ResizeKind.Squash, Threads = 1,
        });

        var error = Assert.Throws<ImageException>(() => loader.Read(0).ToList());

        Assert.Contains("outside of the folders", error.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();
}
