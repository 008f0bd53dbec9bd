namespace Dashboard.Terminal.Benchmarks;

/// <summary>A temporary folder, gone with its content afterwards.</summary>
internal sealed class BenchFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("bench-");

    public string Path => _folder.FullName;

    public void Dispose() => _folder.Delete(recursive: true);
}
