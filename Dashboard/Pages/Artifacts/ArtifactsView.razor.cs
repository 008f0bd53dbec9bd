using Dashboard.Pages.Wording;
using Dashboard.Runs.Artifacts;
using Dashboard.Storage;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Localization;
using Microsoft.Extensions.Options;
using Training.Core.Export;
using Training.Core.Runs;

namespace Dashboard.Pages.Artifacts;

/// <summary>What the run left on disk, with how to use it elsewhere.</summary>
public sealed partial class ArtifactsView
{
    /// <summary>A run of a thousand epochs has a thousand predictions files.</summary>
    private const int FirstShown = 16;

    private IReadOnlyList<ListedFile> _files = [];
    private ModelDescription? _model;
    private ExportCheck? _check;
    private bool _hasZip;
    private RunFolder _folder = default!;
    private (int Run, int Epoch, bool Ended) _read;
    private bool _all;

    [Inject] private IOptions<DashboardOptions> Options { get; set; } = default!;
    [Inject] private IStringLocalizer<Words> Words { get; set; } = default!;
    [Inject] private TimeProvider Time { get; set; } = default!;

    [Parameter, EditorRequired] public RunRow Run { get; set; } = default!;

    private IReadOnlyList<ListedFile> Shown => _all ? _files : [.. _files.Take(FirstShown)];

    protected override void OnParametersSet()
    {
        // Files come with epochs and with the end; a step writes none.
        var now = (Run.Id, Run.Epoch, Run.EndedAt is not null);
        if (_read == now) return;
        _read = now;
        _folder = Options.Value.RunFolder(Run.Id);
        _files = ArtifactList.Of(_folder, Words);
        _hasZip = ModelZip.IsReady(_folder);
        _check = ExportCheck.Load(_folder.ExportCheck);
        _model = File.Exists(_folder.BestModel) && File.Exists(_folder.Classes) ? Load(_folder.Classes) : null;
    }

    private static ModelDescription? Load(string path)
    {
        try
        {
            return ModelDescription.Load(path);
        }
        catch (InvalidDataException)
        {
            // The list still shows the file; only the Python lines are missing.
            return null;
        }
    }

    private string Url(ListedFile file) =>
        $"/api/runs/{Run.Id}/artifacts/{string.Join('/', file.Name.Split('/').Select(Uri.EscapeDataString))}";
}
