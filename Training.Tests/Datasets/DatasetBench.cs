using Dashboard.Datasets;
using Dashboard.Storage;
using Microsoft.Extensions.DependencyInjection;
using Training.Tests.Pages.Datasets;
using Training.Tests.TestKit;

namespace Training.Tests.Datasets;

/// <summary>The real app with folders of small photos beside it.</summary>
internal sealed class DatasetBench : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private DatasetPages? _pages;

    public DatasetBench(
        string? dataRoot = null, IReadOnlyDictionary<string, string>? settings = null, Action<IServiceCollection>? services = null) =>
        App = new DashboardApp(dataRoot ?? _folder.In("data"), settings, services);

    public DashboardApp App { get; }

    public static Task<DatasetBench> StartAsync() => Task.FromResult(new DatasetBench());

    public DatasetStore Store => App.Get<DatasetStore>();

    public DatasetPages Pages() => _pages ??= new DatasetPages(this);

    public string In(params string[] names) => _folder.In(names);

    /// <summary>A folder of photos, such as ("train/cats", 3); every photo differs from the others.</summary>
    public string Photos(string name, params IEnumerable<(string Folder, int Count)> folders)
    {
        var root = _folder.In(name);
        var number = 0;
        foreach (var (folder, count) in folders)
            for (var i = 0; i < count; i++)
                TestImages.Write(Path.Combine(root, folder, $"{i:D3}.jpg"), number, $"{folder} {number++}", 64, 48);
        return root;
    }

    /// <summary>A registered folder, scanned.</summary>
    public async Task<DatasetRow> ReadyAsync(string name, params IEnumerable<(string Folder, int Count)> folders) =>
        await ScannedAsync((await Store.AddFolderAsync(name, Photos(name, folders))).Id);

    /// <summary>Waits for the end of the work on a dataset.</summary>
    public Task<DatasetRow> ScannedAsync(int id) => Eventually.NotNullAsync(
        async () => await Store.GetAsync(id) is { State: not DatasetState.Scanning } row ? row : null, $"dataset {id} is scanned");

    public async ValueTask DisposeAsync()
    {
        if (_pages is not null) await _pages.DisposeAsync();
        await App.DisposeAsync();
        _folder.Dispose();
    }
}
