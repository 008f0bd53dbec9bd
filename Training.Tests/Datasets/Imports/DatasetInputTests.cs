using Dashboard.Datasets;
using Dashboard.Datasets.Imports;
using Training.Tests.TestKit;

namespace Training.Tests.Datasets.Imports;

public sealed class DatasetInputTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public DatasetInputTests()
    {
        Directory.CreateDirectory(_folder.In("photos"));
        Directory.CreateDirectory(_folder.In("data", "datasets"));
        File.WriteAllText(_folder.In("photos.zip"), "");
        File.WriteAllText(_folder.In("notes.txt"), "");
    }

    [Theory]
    [InlineData("{0}/photos")]
    [InlineData("  {0}/photos/  ")]
    [InlineData("\"{0}/photos\"")]
    [InlineData("'{0}/photos/'")]
    [InlineData("file://{0}/photos")]
    [InlineData("{0}/data/../photos")]
    public void Folder_AsPeoplePasteIt_IsCleaned(string typed) =>
        Assert.Equal(_folder.In("photos"), Folder(typed));

    [Theory]
    [InlineData("", "Give the folder")]
    [InlineData("photos", "not a full path")]
    [InlineData("{0}/photo/cats", "{0} is there")]
    [InlineData("/nowhere/at/all", "Check the spelling")]
    [InlineData("{0}/photos.zip", "Upload it instead")]
    [InlineData("{0}/notes.txt", "is a file, not a folder")]
    [InlineData("{0}/data", "inside the dashboard's own data")]
    [InlineData("{0}/data/datasets", "inside the dashboard's own data")]
    [InlineData("{0}", "holds the dashboard's own data")]
    public void Folder_ThatCannotBeTaken_SaysWhatToDo(string typed, string expected)
    {
        var error = Assert.Throws<DatasetException>(() => Folder(typed));

        Assert.Equal("path", error.Field);
        Assert.Contains(expected.Replace("{0}", _folder.Path, StringComparison.Ordinal), error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "Give the dataset a name")]
    [InlineData("   ", "Give the dataset a name")]
    [InlineData("12", "can't be told from a dataset's number")]
    [InlineData("a\nb", "in one line")]
    public void Name_ThatCannotBeTaken_SaysWhatToDo(string? typed, string expected)
    {
        var error = Assert.Throws<DatasetException>(() => DatasetInput.Name(typed));

        Assert.Equal("name", error.Field);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Name_TooLong_SaysHowLong() =>
        Assert.Contains("101 characters; 100 at most",
            Assert.Throws<DatasetException>(() => DatasetInput.Name(new string('x', 101))).Message, StringComparison.Ordinal);

    [Fact]
    public void Name_WithAnyScript_IsKeptAsWritten() =>
        Assert.Equal("고양이 & <script>\"개\"</script>", DatasetInput.Name(" 고양이 & <script>\"개\"</script> "));

    public void Dispose() => _folder.Dispose();

    private string Folder(string typed) =>
        DatasetInput.Folder(typed.Replace("{0}", _folder.Path, StringComparison.Ordinal), _folder.In("data"));
}
