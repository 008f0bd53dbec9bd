using Dashboard.Machines;
using Dashboard.Storage;
using Microsoft.AspNetCore.Components;

namespace Dashboard.Pages.Machines;

/// <summary>Makes tokens for machines that shall join, and revokes them.</summary>
public sealed partial class JoinMachine
{
    private IReadOnlyList<JoinTokenRow> _tokens = [];
    private string _name = "";
    private string? _command;

    [Inject] private MachineStore Store { get; set; } = default!;
    [Inject] private NavigationManager Navigation { get; set; } = default!;
    [Inject] private TimeProvider Time { get; set; } = default!;

    private bool IsLoopback => Navigation.ToAbsoluteUri("/").IsLoopback;

    protected override async Task OnInitializedAsync() => _tokens = await Store.TokensAsync();

    private Task CreateAsync() => OnceAsync(async () =>
    {
        if (string.IsNullOrWhiteSpace(_name)) return;
        var token = await Store.CreateTokenAsync(_name.Trim());
        _command = $"./run.sh agent --server {Navigation.BaseUri.TrimEnd('/')} --token {token}";
        _name = "";
        _tokens = await Store.TokensAsync();
    });

    private async Task RevokeAsync(int id)
    {
        await Store.RevokeTokenAsync(id);
        _tokens = await Store.TokensAsync();
    }
}
