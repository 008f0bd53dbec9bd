using System.Reflection;
using Dashboard.Pages.Shell;
using Dashboard.Storage;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Options;

namespace Dashboard.Pages.Settings;

/// <summary>Colours, where the data lies and how much it takes, and what this is.</summary>
public sealed partial class SettingsPage : IDisposable
{
    private static readonly (ColourScheme Scheme, string Text)[] Schemes =
        [(ColourScheme.System, "As the system"), (ColourScheme.Light, "Light"), (ColourScheme.Dark, "Dark")];

    private readonly CancellationTokenSource _left = new();
    private IReadOnlyList<(string Name, long Bytes)>? _sizes;

    [Inject] private IOptions<DashboardOptions> Options { get; set; } = default!;
    [CascadingParameter] private MainLayout? Layout { get; set; }

    private static string Version { get; } =
        typeof(SettingsPage).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "";

    private string Root => Path.GetFullPath(Options.Value.DataRoot);

    public void Dispose()
    {
        _left.Cancel();
        _left.Dispose();
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender) return;
        var (options, cancellationToken) = (Options.Value, _left.Token);
        // A hundred thousand files take a while: not on the page's own thread.
        var sizes = await Task.Run(() => Measure(options, cancellationToken), CancellationToken.None);
        if (cancellationToken.IsCancellationRequested) return;
        _sizes = sizes;
        StateHasChanged();
    }

    private async Task ChooseAsync(ColourScheme scheme)
    {
        if (Layout is not null) await Layout.ChooseAsync(scheme);
    }

    private static List<(string Name, long Bytes)> Measure(DashboardOptions options, CancellationToken cancellationToken) =>
    [
        ("Runs", SizeOf(options.RunsFolder, cancellationToken)),
        ("Datasets", SizeOf(options.DatasetsFolder, cancellationToken)),
        ("Thumbnails", SizeOf(options.ThumbnailsFolder, cancellationToken)),
        ("Weights", SizeOf(options.WeightsFolder, cancellationToken)),
        ("Caches", SizeOf(options.CacheFolder, cancellationToken)),
        ("Database", SizeOfFile(options.DatabaseFile) + SizeOfFile(options.DatabaseFile + "-wal")),
    ];

    private static long SizeOfFile(string file) => new FileInfo(file) is { Exists: true } info ? info.Length : 0;

    private static long SizeOf(string folder, CancellationToken cancellationToken)
    {
        var root = new DirectoryInfo(folder);
        if (!root.Exists) return 0;
        var everywhere = new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true };
        // A file may go while the folder is read.
        return root.EnumerateFiles("*", everywhere).TakeWhile(_ => !cancellationToken.IsCancellationRequested)
            .Sum(file => file.Exists ? file.Length : 0);
    }
}
