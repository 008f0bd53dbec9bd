using Dashboard;
using Dashboard.Storage;
using Microsoft.Extensions.Options;
using Training.Tests.TestKit;

namespace Training.Tests.Storage;

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

        Assert.StartsWith("Another dashboard of the name “one” runs already.", Assert.Throws<StorageException>(again.Open).Message, StringComparison.Ordinal);
        Assert.StartsWith("Another dashboard already uses the data root", Assert.Throws<StorageException>(alone.Open).Message, StringComparison.Ordinal);
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

    private static DataRoot Of(string folder, string name) => new(Options.Create(new DashboardOptions { DataRoot = folder, Redis = "any", Name = name }));

    private static DataRoot Of(string folder) => new(Options.Create(new DashboardOptions { DataRoot = folder }));
}
