using Dashboard.Storage.Files;
using Training.Tests.TestKit;

namespace Training.Tests.Storage.Files;

public sealed class ArrivingFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task File_ThatIsTaken_ReplacesTheFormerOneOnlyThen()
    {
        await File.WriteAllTextAsync(_folder.In("model"), "former");
        using (var arriving = new ArrivingFile(_folder.In("model.arriving")))
        {
            await arriving.ReceiveAsync(new MemoryStream("new"u8.ToArray()), _ => { }, CancellationToken.None);
            Assert.Equal("former", await File.ReadAllTextAsync(_folder.In("model")));

            arriving.MoveTo(_folder.In("model"));
        }

        Assert.Equal([_folder.In("model")], Directory.GetFiles(_folder.Path));
        Assert.Equal("new", await File.ReadAllTextAsync(_folder.In("model")));
    }

    [Fact]
    public async Task File_ThatIsTooLarge_EndsAtThePieceThatIsTooMuchAndLeavesNothing()
    {
        var (taken, sent) = (0L, new MemoryStream(new byte[10 << 20]));
        using (var arriving = new ArrivingFile(_folder.In("zip")))
            await Assert.ThrowsAsync<InvalidDataException>(() => arriving.ReceiveAsync(sent, piece =>
            {
                if ((taken += piece.Length) > 1 << 20) throw new InvalidDataException("Too large");
            }, CancellationToken.None));

        Assert.InRange(sent.Position, 1 << 20, 2 << 20);
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }
}
