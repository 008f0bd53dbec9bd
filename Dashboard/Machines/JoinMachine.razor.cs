using Dashboard.Storage;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using MudBlazor;

namespace Dashboard.Machines;

/// <summary>Makes tokens for machines that shall join, and revokes them.</summary>
public sealed partial class JoinMachine
{
    private IReadOnlyList<JoinTokenRow> _tokens = [];
    private string _name = "";
    private string? _command;

    [Inject] private MachineStore Store { get; set; } = default!;
    [Inject] private NavigationManager Navigation { get; set; } = default!;
    [Inject] private TimeProvider Time { get; set; } = default!;
    [Inject] private IJSRuntime Js { get; set; } = default!;
    [Inject] private ISnackbar Snackbar { get; set; } = default!;

    private bool IsLoopback => Navigation.ToAbsoluteUri("/").IsLoopback;

    protected override async Task OnInitializedAsync() => _tokens = await Store.TokensAsync();

    private async Task CreateAsync()
    {
        if (string.IsNullOrWhiteSpace(_name)) return;
        var token = await Store.CreateTokenAsync(_name.Trim());
        _command = $"./run.sh agent --server {Navigation.BaseUri.TrimEnd('/')} --token {token}";
        _name = "";
        _tokens = await Store.TokensAsync();
    }

    private async Task RevokeAsync(int id)
    {
        await Store.RevokeTokenAsync(id);
        _tokens = await Store.TokensAsync();
    }

    private async Task CopyAsync()
    {
        try
        {
            await Js.InvokeVoidAsync("navigator.clipboard.writeText", _command);
            Snackbar.Add(L["Copied"], Severity.Success);
        }
        catch (JSException)
        {
            Snackbar.Add(L["The browser doesn't allow copying here: select the line and copy it yourself."], Severity.Info);
        }
    }
}
