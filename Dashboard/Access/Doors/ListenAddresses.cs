using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Dashboard.Processes;

namespace Dashboard.Access.Doors;

/// <summary>
/// The addresses that the dashboard is to listen on (setting Urls), checked before the server tries them: its own words are a stack trace.
/// </summary>
internal static class ListenAddresses
{
    private const int PortsTried = 100;
    private const string Usual = "Start with --urls http://127.0.0.1:5080.";

    /// <exception cref="StartException">One is written wrongly; all that are, in a line each.</exception>
    public static IReadOnlyList<BindingAddress> Read(IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        string[] urls = (configuration["Urls"] ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var problems = urls.Select(Problem).OfType<string>().ToList();
        if (urls.Length == 0 && !configuration.GetSection("Kestrel:Endpoints").Exists())
            problems.Add($"There is no address to listen on. {Usual}");
        return problems.Count == 0
            ? [.. urls.Select(BindingAddress.Parse)] : throw new StartException(string.Join(Environment.NewLine, problems));
    }

    /// <summary>
    /// Before anything runs: otherwise the trainers of queued runs would be launched for a server that ends at once. All are opened at the
    /// same time, which shows those that are in each other's way.
    /// </summary>
    /// <exception cref="StartException">One can't be listened on.</exception>
    public static void Require(IReadOnlyList<BindingAddress> addresses)
    {
        var open = new List<(BindingAddress Address, TcpListener Listener)>();
        try
        {
            foreach (var address in addresses.Where(address => !address.IsUnixPipe && !address.IsNamedPipe))
            {
                var listener = new TcpListener(IpOf(address.Host), address.Port);
                try
                {
                    listener.Start();
                    open.Add((address, listener));
                }
                catch (SocketException exception)
                {
                    listener.Dispose();
                    throw Refusal(address, exception,
                        open.Select(other => other.Address).FirstOrDefault(other => other.Port == address.Port));
                }
            }
        }
        finally
        {
            open.ForEach(one => one.Listener.Dispose());
        }
    }

    private static string? Problem(string url)
    {
        BindingAddress address;
        try
        {
            address = BindingAddress.Parse(url);
        }
        catch (FormatException)
        {
            return $"'{url}' is not an address to listen on. {Usual}";
        }
        if (address.Scheme.ToUpperInvariant() is not ("HTTP" or "HTTPS"))
            return $"'{url}' begins with {address.Scheme}, and the dashboard speaks http and https. {Usual}";
        if (address.IsNamedPipe) return OperatingSystem.IsWindows() ? null : $"'{url}' is a named pipe, which only Windows has. {Usual}";
        if (address.IsUnixPipe)
            return Directory.Exists(Path.GetDirectoryName(address.UnixPipePath))
                ? null : $"'{url}': there is no folder {Path.GetDirectoryName(address.UnixPipePath)} for the socket.";
        if (address.PathBase.Trim('/').Length > 0)
            return $"'{url}' has a path ({address.PathBase}); the dashboard answers at the root of an address only. Leave it out, and let "
                + "a proxy have the path.";
        if (address.Port is < IPEndPoint.MinPort or > IPEndPoint.MaxPort)
            return string.Create(CultureInfo.InvariantCulture,
                $"'{url}': ports go from 1 to {IPEndPoint.MaxPort}, and 0 for a free one. {Usual}");
        return IsAny(address.Host) || IsLocalhost(address.Host) || IPAddress.TryParse(address.Host, out _)
            ? null : NameProblem(url, address.Host);
    }

    /// <summary>The server listens everywhere for any name that it is given, also a misspelt one.</summary>
    private static string? NameProblem(string url, string host)
    {
        try
        {
            if (!host.Contains(':', StringComparison.Ordinal) && Dns.GetHostAddresses(host).Any(IsOwn)) return null;
        }
        catch (SocketException)
        {
            // Nobody knows the name.
        }
        return $"'{url}': “{host}” is not an address or name of this computer. Take {OwnAddresses()}, 0.0.0.0 for all of them, or "
            + "127.0.0.1 for this computer only.";
    }

    private static StartException Refusal(BindingAddress address, SocketException exception, BindingAddress? other) =>
        exception.SocketErrorCode switch
    {
        SocketError.AddressAlreadyInUse when other is not null
            && address.Port != 0 => new($"{other} and {address} are the same door. Leave one of them out of --urls."),
        SocketError.AddressAlreadyInUse => Taken(address),
        SocketError.AddressNotAvailable =>
            new($"{address.Host} is not an address of this computer. Take {OwnAddresses()}, 0.0.0.0 for all of them, or 127.0.0.1 for "
                + "this computer only."),
        SocketError.AccessDenied => new(string.Create(CultureInfo.InvariantCulture,
            $"Port {address.Port} may be opened by the system's administrator only. Take one from 1024 on, as in --urls "
                + $"{address.Scheme}://{Shown(address.Host)}:5080, or let a proxy listen there.")),
        SocketError.AddressFamilyNotSupported => new($"{address}: this computer has IPv6 switched off. Take 127.0.0.1 or 0.0.0.0 instead."),
        _ => new($"{address} can't be listened on: {exception.Message}. {Usual}"),
    };

    private static StartException Taken(BindingAddress address)
    {
        var free = Enumerable.Range(address.Port + 1, PortsTried)
            .FirstOrDefault(port => port <= IPEndPoint.MaxPort && !IsTaken(port), IPEndPoint.MinPort);
        var other = string.Create(CultureInfo.InvariantCulture, $"{address.Scheme}://{Shown(address.Host)}:{free}");
        return new StartException(string.Create(CultureInfo.InvariantCulture,
            $"Port {address.Port} is taken by another program, maybe by a dashboard that runs already: look at "
                + $"{address.Scheme}://{Shown(address.Host)}:{address.Port}, or start with --urls {other}"));
    }

    private static bool IsTaken(int port) => TryListen(IPAddress.Loopback, port) == SocketError.AddressAlreadyInUse;

    private static bool IsOwn(IPAddress address) => TryListen(address, 0) == SocketError.Success;

    private static SocketError TryListen(IPAddress address, int port)
    {
        try
        {
            using var listener = new TcpListener(address, port);
            listener.Start();
            return SocketError.Success;
        }
        catch (SocketException exception)
        {
            return exception.SocketErrorCode;
        }
    }

    private static IPAddress IpOf(string host) =>
        IPAddress.TryParse(host, out var ip) ? ip : IsLocalhost(host) ? IPAddress.Loopback : IPAddress.Any;

    private static bool IsAny(string host) => host is "" or "*" or "+";

    private static bool IsLocalhost(string host) => host.Equals("localhost", StringComparison.OrdinalIgnoreCase);

    private static string Shown(string host) => IsAny(host) ? "127.0.0.1" : host;

    private static string OwnAddresses()
    {
        var own = NetworkInterface.GetAllNetworkInterfaces().Where(network => network.OperationalStatus == OperationalStatus.Up)
            .SelectMany(network => network.GetIPProperties().UnicastAddresses).Select(unicast => unicast.Address)
            .Where(address => address.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(address))
                .Select(address => address.ToString()).ToList();
        return own.Count == 0 ? "one of its own" : string.Join(", ", own);
    }
}
