using Dashboard.Dispatch.Clusters;
using Dashboard.Pages.Wording;
using Dashboard.Storage;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Localization;
using Microsoft.Extensions.Options;
using Training.Core.Recipes;

namespace Dashboard.Pages.Machines;

/// <summary>Describes a cluster, tries it, and keeps it.</summary>
public sealed partial class ClusterForm : IDisposable
{
    private readonly CancellationTokenSource _left = new();
    private string _name = "", _partition = "", _account = "", _gres = "", _timeLimit = "", _options = "", _ssh = "", _server = "";
    private int _maxJobs = 10;
    private bool _takesAnyRun, _isKnown, _isBusy;
    private string _trouble = "";
    private IReadOnlyList<RecipeProblem> _problems = [];
    private IReadOnlyList<ClusterCheck> _checks = [];

    /// <summary>Settings whose test passed, or was made at all.</summary>
    private ClusterSettings? _passed, _tried;

    /// <summary>Null: a new one.</summary>
    [Parameter] public ClusterSettings? Cluster { get; set; }

    /// <summary>The cluster was saved, or nobody wants to any more.</summary>
    [Parameter] public EventCallback Closed { get; set; }

    [Inject] private ClusterStore Store { get; set; } = default!;
    [Inject] private ClusterTest Test { get; set; } = default!;
    [Inject] private NavigationManager Navigation { get; set; } = default!;
    [Inject] private IOptions<DashboardOptions> Options { get; set; } = default!;
    [Inject] private IStringLocalizer<Words> Words { get; set; } = default!;

    private ClusterSettings Settings => new()
    {
        Name = _name.Trim(), Partition = _partition.Trim(), Account = _account.Trim(), Gres = _gres.Trim(), TimeLimit = _timeLimit.Trim(),
            Ssh = _ssh.Trim(), Server = _server.Trim(),
        Options = new Lines(_options), MaxJobs = _maxJobs, TakesAnyRun = _takesAnyRun,
    };

    public void Dispose()
    {
        _left.Cancel();
        _left.Dispose();
    }

    protected override void OnInitialized()
    {
        if (Cluster is { } known)
        {
            (_name, _partition, _account, _gres, _timeLimit, _ssh, _server) =
                (known.Name, known.Partition, known.Account, known.Gres, known.TimeLimit, known.Ssh, known.Server);
            (_options, _maxJobs, _takesAnyRun, _isKnown) = (string.Join('\n', known.Options), known.MaxJobs, known.TakesAnyRun, true);
        }
        else if (Navigation.ToAbsoluteUri("/") is { IsLoopback: false } address)
        {
            _server = address.ToString().TrimEnd('/');
        }
    }

    private async Task TestAsync()
    {
        var settings = Settings;
        (_problems, _trouble, _checks) = (settings.Problems(), "", []);
        if (_problems.Count > 0 || _isBusy) return;
        _isBusy = true;
        try
        {
            _checks = await Test.RunAsync(settings, checks => InvokeAsync(() =>
            {
                _checks = checks;
                StateHasChanged();
            }), _left.Token);
            _tried = settings;
            if (_checks.All(check => check.Passed == true)) _passed = settings;
        }
        catch (OperationCanceledException) when (_left.IsCancellationRequested)
        {
        }
        finally
        {
            _isBusy = false;
        }
    }

    private async Task SaveAsync()
    {
        if (await Store.SaveAsync(Settings, tested: _passed == Settings)) await Closed.InvokeAsync();
        else _trouble = Words["There is a machine “{0}” already. Take another name.", Settings.Name];
    }

    private string? Of(string field) =>
        _problems.FirstOrDefault(problem => problem.Field == field) is { } problem ? $"{problem.Message} {problem.Remedy}" : null;

    private static string Chip(ClusterCheck check) => check.Passed switch { true => "g", false => "b", _ => "q" };

    private string Mark(ClusterCheck check) =>
        check.Passed switch { true => Words["yes"], false => Words["no"], _ => _isBusy ? Words["trying"] : Words["not tried"] };

    private RenderFragment Field(string name, string label, string hint, Func<string> get, Action<string> set, bool isFixed = false) =>
        builder =>
    {
        var wrong = Of(name);
        builder.OpenElement(0, "label");
        builder.AddAttribute(1, "class", "field-of");
        builder.OpenElement(2, "span");
        builder.AddContent(3, label);
        builder.CloseElement();
        builder.OpenElement(4, "input");
        builder.AddAttribute(5, "class", "field");
        builder.AddAttribute(6, "name", name);
        builder.AddAttribute(7, "placeholder", hint);
        builder.AddAttribute(8, "spellcheck", "false");
        builder.AddAttribute(9, "readonly", isFixed);
        builder.AddAttribute(10, "aria-invalid", wrong is null ? null : "true");
        builder.AddAttribute(11, "value", get());
        builder.AddAttribute(12, "oninput", EventCallback.Factory.CreateBinder(this, (string? text) => set(text ?? ""), get()));
        builder.CloseElement();
        if (wrong is not null)
        {
            builder.OpenElement(13, "small");
            builder.AddAttribute(14, "class", "wrong");
            builder.AddContent(15, wrong);
            builder.CloseElement();
        }
        builder.CloseElement();
    };
}
