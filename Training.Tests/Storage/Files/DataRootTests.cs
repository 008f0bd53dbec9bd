using Dashboard.Storage;
using Dashboard.Storage.Files;
using Microsoft.Extensions.Options;
using Training.Tests.TestKit;

namespace Training.Tests.Storage.Files;

public sealed class DataRootTests
{
    [Fact]
    public void Open_ByTwoDashboards_IsRefusedToTheSecondUntilTheFirstEnds()
    {
        using var folder = new TemporaryFolder();
        var first = Of(folder.Path);
        first.Open();
        using var second = Of(folder.Path);

        var refused = Assert.Throws<StorageException>(second.Open);
        first.Dispose();
        second.Open();

        Assert.StartsWith($"Another dashboard already uses the data root {folder.Path}.", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_BySeveralThatKnowOfEachOther_NeedsANameOfItsOwnAndNobodyElseComesIn()
    {
        using var folder = new TemporaryFolder();
        using var one = Of(folder.Path, "one");
        one.Open();
        using var other = Of(folder.Path, "other");
        other.Open();
        using var again = Of(folder.Path, "one");
        using var alone = Of(folder.Path);

        Assert.StartsWith("Another dashboard of the name “one” runs already.", Assert.Throws<StorageException>(again.Open).Message,
            StringComparison.Ordinal);
        Assert.StartsWith("Another dashboard already uses the data root", Assert.Throws<StorageException>(alone.Open).Message,
            StringComparison.Ordinal);
    }

    [SkippableFact]
    public void Open_WhileTheFirstOneLives_IsRefusedThoughItsLockFileWasDeleted()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "Folders themselves are locked on Linux only.");
        using var folder = new TemporaryFolder();
        using var first = Of(folder.Path);
        first.Open();
        File.Delete(folder.In("dashboard.lock"));
        using var second = Of(folder.Path);
        using var several = Of(folder.Path, "other");

        Assert.StartsWith($"Another dashboard already uses the data root {folder.Path}.",
            Assert.Throws<StorageException>(second.Open).Message, StringComparison.Ordinal);
        Assert.StartsWith($"Another dashboard already uses the data root {folder.Path}.",
            Assert.Throws<StorageException>(several.Open).Message, StringComparison.Ordinal);
        Assert.Null(first.Look());
        Assert.True(File.Exists(folder.In("dashboard.lock")), "The lock was not made again.");
    }

    [Fact]
    public void Open_WhereAnotherHoldsIt_NamesItsProcess()
    {
        using var folder = new TemporaryFolder();
        using var first = Of(folder.Path);
        first.Open();
        using var second = Of(folder.Path);

        Assert.Contains($"It is process {Environment.ProcessId}, since 2", Assert.Throws<StorageException>(second.Open).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Lost_OfAFolderThatWasDeleted_IsSaidAndAlsoOfOneThatIsMadeAnew()
    {
        using var folder = new TemporaryFolder();
        using var root = Of(folder.In("data"));
        root.Open();
        Assert.Null(root.Lost());

        Directory.Delete(folder.In("data"), recursive: true);
        Assert.StartsWith($"The data root {folder.In("data")} is gone", root.Lost(), StringComparison.Ordinal);
        Directory.CreateDirectory(folder.In("data"));

        Assert.StartsWith($"The data root {folder.In("data")} is another folder", root.Lost(), StringComparison.Ordinal);
        Assert.True(Assert.Throws<StorageException>(root.ThrowIfLost).IsOutage);
        Assert.NotNull(root.Look());
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.In("data")));
    }

    [Fact]
    public void Lost_OfAFolderThatIsPutBack_IsOver()
    {
        using var folder = new TemporaryFolder();
        using var root = Of(folder.In("data"));
        root.Open();
        Directory.Move(folder.In("data"), folder.In("elsewhere"));
        Assert.NotNull(root.Look());

        Directory.Move(folder.In("elsewhere"), folder.In("data"));

        Assert.Null(root.Look());
    }

    [Fact]
    public void Lost_OfADatabaseThatWasReplaced_IsSaid()
    {
        using var folder = new TemporaryFolder();
        using var root = Of(folder.Path);
        root.Open();
        File.WriteAllText(folder.In("dashboard.db"), "the first");
        root.KnowDatabase();
        File.WriteAllText(folder.In("other.db"), "the second");

        File.Move(folder.In("other.db"), folder.In("dashboard.db"), overwrite: true);

        Assert.StartsWith($"The database {folder.In("dashboard.db")} was deleted or replaced", root.Lost(), StringComparison.Ordinal);
    }

    /// <summary>The disk goes away from under it, and comes back.</summary>
    [SkippableFact]
    public void Lost_OfADiskThatIsUnmounted_WritesNothingIntoTheEmptyPlace()
    {
        using var place = new TemporaryFolder();
        using var root = Of(place.Path);
        using (new SmallDisk(4096, place))
        {
            root.Open();
            Assert.Null(root.Look());
        }
        // Its end removed the folder too.
        Directory.CreateDirectory(place.Path);

        Assert.StartsWith($"The data root {place.Path} is another folder", root.Look(), StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(place.Path));
    }

    [Fact]
    public void Open_BelowAFile_NamesTheFolderAndTheSetting()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.In("file"), "");
        using var root = Of(folder.In("file", "data"));

        var refused = Assert.Throws<StorageException>(root.Open);

        Assert.Contains(folder.In("file", "data"), refused.Message, StringComparison.Ordinal);
        Assert.Contains("--Dashboard:DataRoot=FOLDER", refused.Message, StringComparison.Ordinal);
    }

    private static DataRoot Of(string folder, string name) =>
        new(Options.Create(new DashboardOptions { DataRoot = folder, Redis = "any", Name = name }));

    private static DataRoot Of(string folder) => new(Options.Create(new DashboardOptions { DataRoot = folder }));
}
