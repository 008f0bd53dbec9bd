using Dashboard.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace Training.Tests.Storage;

public sealed class StorageExceptionTests
{
    private const string Place = "the data root /data";

    public static TheoryData<Exception, string> Failures => new()
    {
        { new SqliteException("full", 13), "The disk that holds the data root /data is full. Free some space" },
        { new DbUpdateException("save", new SqliteException("full", 13)),
            "The disk that holds the data root /data is full. Free some space" },
        { new IOException("No space left on device", 28), "The disk that holds the data root /data is full. Free some space" },
        { new UnauthorizedAccessException(), "The data root /data can't be written: the account that runs the dashboard has no right to." },
        { new SqliteException("busy", 5), "The data root /data is locked by another program." },
        { new SqliteException("read only", 8), "The data root /data can't be opened for writing." },
        { new SqliteException("damaged", 11), "The data root /data is damaged or not a database" },
        { new IOException("Not a directory"), "The data root /data can't be used: Not a directory Choose another folder" },
    };

    [Theory]
    [MemberData(nameof(Failures))]
    public void Explain_OfAFailure_SaysWhatAndWhatToDo(Exception failure, string words) =>
        Assert.StartsWith(words, StorageException.Explain(failure, Place)!.Message, StringComparison.Ordinal);

    [Fact]
    public void Explain_OfAFaultOfTheProgram_IsNotTakenForTheDisk() =>
        Assert.Null(StorageException.Explain(new InvalidOperationException(), Place));
}
