using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Dashboard.Pages.Accounts;
using Dashboard.Processes;
using Dashboard.Storage;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;

namespace Dashboard.Access.Accounts;

/// <summary>Prints the link to <see cref="FirstAccountPage"/> once, where somebody could need it.</summary>
internal sealed class FirstAccountNotice(
    IServer server, FirstAccount first, AccountStore accounts, Guard guard, IOptions<DashboardOptions> options,
    IHostApplicationLifetime lifetime)
    : GuardedService("Printing the link to the first account", guard)
{
    private int _printed;

    private IEnumerable<BindingAddress> Addresses =>
        (server.Features.Get<IServerAddressesFeature>()?.Addresses ?? []).Select(BindingAddress.Parse)
            .Where(address => !address.IsUnixPipe);

    protected override async Task WorkAsync(CancellationToken cancellationToken)
    {
        // Which port it is, is known only then.
        await lifetime.StartedAsync(cancellationToken);
        await AtStartAsync();
    }

    /// <summary>Also called when somebody from elsewhere finds no account: a proxy may stand before an address of this computer.</summary>
    public async Task PrintAsync()
    {
        if (await accounts.AnyAsync() || Interlocked.Exchange(ref _printed, 1) == 1) return;
        // Not by the name of a request: whoever sends one chooses that, and would get the code when the link is clicked.
        var address = Addresses.OrderBy(IsLoopback).FirstOrDefault();
        if (address is null) return;
        await Console.Out.WriteLineAsync($"Nobody can sign in yet. Make the first account, once, at {LinkOf(address, first.NewCode())}");
    }

    internal static string LinkOf(BindingAddress address, string code)
    {
        var host = address.Host is "*" or "+" or "0.0.0.0" or "[::]" ? OwnAddress() : address.Host;
        return string.Create(CultureInfo.InvariantCulture,
            $"{address.Scheme}://{host}:{address.Port}{AccountPaths.FirstAccount}?code={code}");
    }

    private async Task AtStartAsync()
    {
        if (options.Value.SignInHere || options.Value.TrustedProxies.Length > 0 || Addresses.Any(address => !IsLoopback(address)))
            await PrintAsync();
    }

    private static bool IsLoopback(BindingAddress address) =>
        address.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(address.Host, out var ip) && IPAddress.IsLoopback(ip));

    /// <summary>The address that other computers of the network most likely reach this one by.</summary>
    private static string OwnAddress() => NetworkInterface.GetAllNetworkInterfaces()
        .Where(network => network.OperationalStatus == OperationalStatus.Up
            && network.NetworkInterfaceType != NetworkInterfaceType.Loopback)
        .OrderByDescending(network => network.GetIPProperties().GatewayAddresses.Count)
        .SelectMany(network => network.GetIPProperties().UnicastAddresses)
        .FirstOrDefault(unicast => unicast.Address.AddressFamily == AddressFamily.InterNetwork)?.Address.ToString() ?? Dns.GetHostName();
}
