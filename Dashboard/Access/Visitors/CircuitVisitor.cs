using System.Security.Claims;
using Dashboard.Access.Accounts;
using Dashboard.Processes;
using Dashboard.Storage.Outages;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server;

namespace Dashboard.Access.Visitors;

/// <summary>
/// Who looks at an open page. A change of the account takes effect there at once when it was made in this process, otherwise within
/// <see cref="RevalidationInterval"/>.
/// </summary>
internal sealed class CircuitVisitor : RevalidatingServerAuthenticationStateProvider
{
    private const string Part = "Changing what open pages may do";

    private readonly SessionStore _sessions;
    private readonly IDisposable _subscription;

    private readonly Guard _guard;

    /// <summary>Null: of nobody who has an account, or not known yet.</summary>
    private volatile string? _key;

    public CircuitVisitor(ILoggerFactory logs, SessionStore sessions, VisitorFeed feed, Guard guard) : base(logs)
    {
        (_sessions, _guard) = (sessions, guard);
        AuthenticationStateChanged += Learn;
        _subscription = feed.Subscribe(key => key == _key, () => _guard.TryAsync(Part, _ => ChangeAsync(), CancellationToken.None));
    }

    protected override TimeSpan RevalidationInterval => TimeSpan.FromSeconds(30);

    protected override async Task<bool> ValidateAuthenticationStateAsync(
        AuthenticationState authenticationState, CancellationToken cancellationToken)
    {
        try
        {
            return await NowAsync(authenticationState.User) is { } now && Visitor.Of(now) == Visitor.Of(authenticationState.User);
        }
        catch (Exception e) when (Outage.Of(e) is not null)
        {
            // Nobody is signed out because the database is away; it can't be told who has been.
            return true;
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            AuthenticationStateChanged -= Learn;
            _subscription.Dispose();
        }
        base.Dispose(disposing);
    }

    private void Learn(Task<AuthenticationState> state) =>
        _guard.Run(Part, async () => _key = Visitor.Of((await state).User)?.Key);

    private async Task ChangeAsync()
    {
        var user = (await GetAuthenticationStateAsync()).User;
        if (Visitor.Of(user) is null) return;
        var now = await NowAsync(user) ?? new ClaimsPrincipal(new ClaimsIdentity());
        SetAuthenticationState(Task.FromResult(new AuthenticationState(now)));
    }

    /// <summary>Null: signed out, removed, or with another password.</summary>
    private async Task<ClaimsPrincipal?> NowAsync(ClaimsPrincipal user) => Visitor.Of(user)?.IsAccount == true
        ? await SignIn.RefreshAsync(user, _sessions) : user;
}
