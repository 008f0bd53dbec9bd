using Dashboard.Machines;
using Dashboard.Pages.Live;
using Dashboard.Protocol;
using Dashboard.Storage;
using Microsoft.AspNetCore.Components;

namespace Dashboard.Pages.Machines;

/// <summary>Makes tokens for machines that shall join, and revokes them.</summary>
public sealed partial class JoinMachine : LiveComponent
{
    private IReadOnlyList<JoinTokenRow> _tokens = [];
    private string _name = "";
    private string? _command;

    /// <summary>Of the token in the command.</summary>
    private string _tokenHash = "";

    /// <summary>Machines that were there before the command was made, each with when it joined: one may be removed and come anew.</summary>
    private HashSet<(string Name, DateTimeOffset JoinedAt)> _before = [];

    private IReadOnlyList<string> _joined = [];

    [Inject] private MachineStore Store { get; set; } = default!;
    [Inject] private NavigationManager Navigation { get; set; } = default!;

    private bool IsLoopback => Navigation.ToAbsoluteUri("/").IsLoopback;

    protected override Task OnInitializedAsync() => LoadAsync();

    protected override void OnAfterRender(bool firstRender)
    {
        if (firstRender) Follow(Store.Subscribe, LoadAsync);
    }

    private async Task LoadAsync()
    {
        _tokens = await Store.TokensAsync(Left);
        if (_command is null) return;
        // Without a use of this very token whoever joined came by another one.
        _joined = _tokens.FirstOrDefault(token => token.TokenHash == _tokenHash)?.LastUsedAt is { } used
            ? [.. (await Store.ListAsync(Left)).Where(row => row.JoinedAt <= used && !_before.Contains((row.Name, row.JoinedAt)))
                .Select(row => row.Name)]
            : [];
    }

    private Task CreateAsync() => OnceAsync(async () =>
    {
        if (string.IsNullOrWhiteSpace(_name)) return;
        _before = [.. (await Store.ListAsync()).Select(row => (row.Name, row.JoinedAt))];
        var token = await Store.CreateTokenAsync(_name.Trim());
        (_tokenHash, _joined) = (AttemptToken.Hash(token), []);
        _command = $"./run.sh agent --server {Navigation.BaseUri.TrimEnd('/')} --token {token}";
        _name = "";
        await LoadAsync();
    });

    private async Task RevokeAsync(int id)
    {
        await Store.RevokeTokenAsync(id);
        _tokens = await Store.TokensAsync();
    }
}
