using Dashboard.Access.Accounts;
using Dashboard.Access.Visitors;
using Dashboard.Pages.Wording;
using Dashboard.Storage;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.Extensions.Localization;
using MudBlazor;

namespace Dashboard.Pages.Accounts;

/// <summary>Who may come in: people with passwords, programs with tokens. For admins.</summary>
public sealed partial class AccountsPage
{
    private IReadOnlyList<AccountRow> _accounts = [];
    private string _name = "", _password = "", _newPassword = "", _by = "";
    private AccountRole _role = AccountRole.Member;
    private int? _resetting;
    private string? _trouble;

    [Inject] private AccountStore Store { get; set; } = default!;
    [Inject] private SessionStore Sessions { get; set; } = default!;
    [Inject] private IDialogService Dialogs { get; set; } = default!;
    [Inject] private ISnackbar Snackbar { get; set; } = default!;
    [Inject] private TimeProvider Time { get; set; } = default!;
    [Inject] private IStringLocalizer<Words> Words { get; set; } = default!;

    [CascadingParameter] private Task<AuthenticationState> State { get; set; } = default!;

    private int? Me { get; set; }

    /// <summary>The first account is an admin's: see <see cref="AccountStore.AddAsync"/>.</summary>
    private IReadOnlyList<AccountRole> Offered => _accounts.Count == 0 ? [AccountRole.Admin] : RoleChoice.All;

    private AccountRole Role => _accounts.Count == 0 ? AccountRole.Admin : _role;

    protected override async Task OnInitializedAsync()
    {
        var visitor = Visitor.Of((await State).User);
        (Me, _by) = (visitor?.AccountId, visitor?.Name ?? "");
        await LoadAsync();
    }

    private async Task LoadAsync() => _accounts = await Store.ListAsync();

    private bool IsLocked(AccountRow account) => account.LockoutEnd > Time.GetUtcNow();

    private Task AddAsync() => TryAsync(async () =>
    {
        await Store.AddAsync(_name, _password, Role);
        (_name, _password) = ("", "");
    });

    private Task ChangeRoleAsync(AccountRow account, AccountRole role) => TryAsync(() => Store.ChangeRoleAsync(account.Id, role));

    private Task UnlockAsync(AccountRow account) => TryAsync(() => Store.UnlockAsync(account.Id));

    private void ToggleReset(AccountRow account) => (_resetting, _newPassword) = (_resetting == account.Id ? null : account.Id, "");

    private Task ResetAsync(AccountRow account) => TryAsync(async () =>
    {
        await Store.ResetPasswordAsync(account.Id, _newPassword);
        (_resetting, _newPassword) = (null, "");
        Snackbar.Add(Words["{0} has a new password, and is signed out everywhere.", account.Name], Severity.Success);
    });

    private Task SignOutAsync(AccountRow account) => TryAsync(async () =>
    {
        await Sessions.EndAllAsync(account.Id);
        Snackbar.Add(Words["{0} is signed out everywhere.", account.Name], Severity.Success);
    });

    private async Task RemoveAsync(AccountRow account)
    {
        var sure = await Dialogs.ShowMessageBoxAsync(
            Words["Remove {0}?", account.Name],
            Words["Whoever is signed in under this name is signed out at once. Runs and datasets stay."],
            yesText: Words["Remove"], cancelText: Words["Keep it"]);
        if (sure == true) await TryAsync(() => Store.RemoveAsync(account.Id));
    }

    private Task TryAsync(Func<Task> change) => OnceAsync(async () =>
    {
        _trouble = null;
        try
        {
            await change();
        }
        catch (AccountException exception)
        {
            _trouble = Words[exception.Message];
        }
        await LoadAsync();
    });
}
