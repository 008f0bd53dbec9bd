using Dashboard.Dispatch;
using Dashboard.Dispatch.Clusters;
using Dashboard.Dispatch.Slurm;
using Dashboard.Pages.Wording;
using Dashboard.Runs;
using Dashboard.Storage;
using Microsoft.AspNetCore.Components;

namespace Dashboard.Pages.Machines;

/// <summary>One cluster: whether it answers, what its nodes do, and which of its jobs are ours.</summary>
public sealed partial class ClusterCard
{
    private ClusterRow? _cluster;
    private IReadOnlyList<(RunRow Run, ClusterJobRow Job)> _jobs = [];
    private bool _edits;

    [Parameter, EditorRequired] public MachineView Machine { get; set; } = default!;

    /// <summary>Something was changed here.</summary>
    [Parameter] public EventCallback Changed { get; set; }

    [Inject] private ClusterStore Store { get; set; } = default!;
    [Inject] private ClusterBoard Board { get; set; } = default!;
    [Inject] private ClusterJobs Jobs { get; set; } = default!;
    [Inject] private RunStore Runs { get; set; } = default!;

    private ClusterStanding Standing => Board.Get(Machine.Name);

    private IEnumerable<string> Facts
    {
        get
        {
            if (_cluster is not { } cluster) yield break;
            yield return cluster.Partition.Length > 0 ? L["partition {0}", cluster.Partition] : L["default partition"];
            if (cluster.Account.Length > 0) yield return L["account {0}", cluster.Account];
            if (cluster.Gres.Length > 0) yield return cluster.Gres;
            if (cluster.Ssh.Length > 0) yield return L["through {0}", cluster.Ssh];
            if (Standing.Nodes.Length > 0) yield return L["nodes: {0}", Standing.Nodes];
            yield return L["{0} of {1} runs", _jobs.Count, cluster.MaxJobs];
        }
    }

    protected override async Task OnParametersSetAsync()
    {
        _cluster = await Store.GetAsync(Machine.Name);
        var jobs = await Jobs.LiveAsync();
        _jobs = [.. (await Runs.LiveOnAsync(Machine.Name)).Where(live => jobs.ContainsKey(live.Run.Id))
            .Select(live => (live.Run, jobs[live.Run.Id]))];
    }

    private string When(ClusterJobRow job) => job switch
    {
        { BeganAt: { } began } => Figures.Ago(began, Time.GetUtcNow(), L),
        { StartsAt: not null } => JobText.Estimate(job.StartsAt, "", Time.GetLocalNow()).TrimStart(',', ' ') is { Length: > 0 } estimate
            ? estimate : L["unknown"],
        _ => L["unknown"],
    };

    private async Task EditedAsync()
    {
        _edits = false;
        await Changed.InvokeAsync();
    }
}
