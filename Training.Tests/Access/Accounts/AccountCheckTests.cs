using System.Collections.Concurrent;
using Dashboard.Access.Accounts;
using Dashboard.Storage;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using Training.Tests.TestKit;

namespace Training.Tests.Access.Accounts;

/// <summary>What a try with a name and a password costs, and how many there are.</summary>
public sealed class AccountCheckTests : IAsyncLifetime
{
    private const string Wrong = "wrong horse battery";

    private readonly CountingHasher _hasher = new();
    private readonly DashboardApp _app;

    public AccountCheckTests() =>
        _app = new DashboardApp(services: services => services.AddSingleton<IPasswordHasher<AccountRow>>(_hasher));

    private AccountStore Accounts => _app.Get<AccountStore>();

    [Fact]
    public async Task Check_OfAnyName_ComparesOneHashOfTheSameCost()
    {
        await Elsewhere.AccountAsync(_app, AccountRole.Viewer, "locked");
        for (var i = 0; i < 5; i++) await Accounts.CheckAsync("locked", Wrong);
        _hasher.Clear();

        Assert.NotNull(await Accounts.CheckAsync("ada", Elsewhere.Password));
        Assert.Null(await Accounts.CheckAsync("ada", Wrong));
        Assert.Null(await Accounts.CheckAsync("locked", Wrong));
        Assert.Null(await Accounts.CheckAsync("locked", Elsewhere.Password));
        Assert.Null(await Accounts.CheckAsync("nobody", Wrong));
        Assert.Null(await Accounts.CheckAsync(new string('n', 1000), Wrong));

        Assert.Equal(6, _hasher.Compared.Count);
        Assert.Equal(0, _hasher.Hashed);
        // The first bytes of a hash name its function, its iterations and the length of its salt.
        Assert.Single(_hasher.Compared.Select(hash => Convert.ToHexString(Convert.FromBase64String(hash).AsSpan(0, 13))).Distinct());
    }

    [Fact]
    public async Task Check_TheVeryFirst_CostsTheSameForAnyName()
    {
        _hasher.Clear();
        await Accounts.CheckAsync("ada", Wrong);
        var known = (_hasher.Hashed, _hasher.Compared.Count);
        await using var other = new DashboardApp(services: services => services.AddSingleton<IPasswordHasher<AccountRow>>(_hasher));
        await Elsewhere.AccountAsync(other, AccountRole.Viewer);
        _hasher.Clear();
        await other.Get<AccountStore>().CheckAsync("nobody", Wrong);

        Assert.Equal(known, (_hasher.Hashed, _hasher.Compared.Count));
    }

    [Fact]
    public async Task Check_ManyAtOnce_DoesntSlipPastTheLock()
    {
        await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => Accounts.CheckAsync("ada", Wrong)));

        Assert.Null(await Accounts.CheckAsync("ada", Elsewhere.Password));
        Assert.NotNull(Assert.Single(await Accounts.ListAsync()).LockoutEnd);
    }

    [Fact]
    public async Task Check_TheFifthTryRight_SignsInAndForgetsTheWrongOnes()
    {
        for (var i = 0; i < 4; i++) Assert.Null(await Accounts.CheckAsync("ada", Wrong));
        Assert.NotNull(await Accounts.CheckAsync("ada", Elsewhere.Password));
        for (var i = 0; i < 4; i++) Assert.Null(await Accounts.CheckAsync("ada", Wrong));

        Assert.NotNull(await Accounts.CheckAsync("ada", Elsewhere.Password));
        var ada = Assert.Single(await Accounts.ListAsync());
        Assert.Equal((0, null), (ada.AccessFailedCount, ada.LockoutEnd));
        Assert.NotNull(ada.LastSignInAt);
    }

    [Fact]
    public async Task Check_RightManyAtOnce_SignsAllIn() =>
        Assert.All(await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Accounts.CheckAsync("ada", Elsewhere.Password))), Assert.NotNull);

    public Task InitializeAsync() => Elsewhere.AccountAsync(_app, AccountRole.Admin);

    public async Task DisposeAsync() => await _app.DisposeAsync();

    private sealed class CountingHasher : IPasswordHasher<AccountRow>
    {
        private readonly PasswordHasher<AccountRow> _inner = new();
        private int _hashed;

        public ConcurrentBag<string> Compared { get; } = [];

        public int Hashed => _hashed;

        public void Clear()
        {
            Compared.Clear();
            _hashed = 0;
        }

        public string HashPassword(AccountRow user, string password)
        {
            Interlocked.Increment(ref _hashed);
            return _inner.HashPassword(user, password);
        }

        public PasswordVerificationResult VerifyHashedPassword(AccountRow user, string hashedPassword, string providedPassword)
        {
            Compared.Add(hashedPassword);
            return _inner.VerifyHashedPassword(user, hashedPassword, providedPassword);
        }
    }
}
