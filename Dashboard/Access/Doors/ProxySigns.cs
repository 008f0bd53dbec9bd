using System.Net;

namespace Dashboard.Access.Doors;

/// <summary>
/// By what a request shows that it came over a proxy. Whatever runs on this computer itself, browser, script or trainer, sends none of it,
/// so that a proxy which nobody has thought of is rather asked to sign in than believed.
/// </summary>
internal static class ProxySigns
{
    /// <summary>
    /// Headers of balancers, tunnels and delivery networks; X-Original- is what is left of X-Forwarded- once it was believed.
    /// </summary>
    private static readonly string[] Beginnings =
    [
        "Ali-", "Akamai-", "CDN-", "CF-", "CloudFront-", "Fastly-", "Fly-", "Incap-", "Ngrok-", "Tailscale-", "SSL-Client-",
        "X-Akamai-", "X-Amz-Cf-", "X-Amzn-", "X-Appengine-", "X-ARR-", "X-Azure-", "X-B3-", "X-BlueCoat-", "X-Cloud-Trace-", "X-Envoy-",
        "X-FD-", "X-GFE-",
        "X-Haproxy-", "X-Lb-", "X-LiteSpeed-", "X-Nginx-", "X-Original-", "X-Rewrite-", "X-SSL-", "X-Traefik-", "X-Varnish", "X-Vercel-",
    ];

    /// <summary>
    /// In a name without its hyphens: X-Cluster-Client-IP, True-Client-IP, X-ProxyUser-Ip, X-Remote-Addr, Proxy-Connection …
    /// </summary>
    private static readonly string[] Parts =
    [
        "forward", "proxy", "clientip", "realip", "userip", "remoteip", "sourceip", "originip", "originatingip", "peerip", "hostip",
            "visitorip", "trueclient",
        "remoteaddr", "clientaddr", "sourceaddr", "peeraddr", "externaladdr", "realaddr", "connectingip", "frontendhttps", "urlscheme",
        "hopcount",
    ];

    private static readonly string[] Words = ["ip", "ips", "addr", "via"];

    /// <summary>What browsers and programs fill in themselves; versions of four parts look like addresses.</summary>
    private static readonly string[] NotForAddresses = ["Accept", "Authorization", "Content-", "Cookie", "Date", "Host", "If-", "Origin",
        "Referer", "Sec-", "User-Agent"];

    /// <returns>The header's name, or "HTTP/1.0"; null: none.</returns>
    public static string? In(HttpRequest request)
    {
        // nginx as it is out of the box adds no header at all, but speaks that; no browser does.
        if (HttpProtocol.IsHttp10(request.Protocol)) return "HTTP/1.0";
        foreach (var (name, values) in request.Headers)
        {
            if (IsProxys(name)) return name;
            if (MayNameAnAddress(name) && values.Any(NamesAnotherComputer)) return name;
        }
        return null;
    }

    private static bool IsProxys(string name)
    {
        if (name.StartsWith("Sec-", StringComparison.OrdinalIgnoreCase)) return false;
        if (Beginnings.Any(beginning => name.StartsWith(beginning, StringComparison.OrdinalIgnoreCase))) return true;
        var words = name.Split('-', '_');
        if (words.Any(word => Words.Contains(word, StringComparer.OrdinalIgnoreCase))) return true;
        var whole = string.Concat(words);
        return Parts.Any(part => whole.Contains(part, StringComparison.OrdinalIgnoreCase));
    }

    private static bool MayNameAnAddress(string name) =>
        !name.Contains("version", StringComparison.OrdinalIgnoreCase)
        && !NotForAddresses.Any(beginning => name.StartsWith(beginning, StringComparison.OrdinalIgnoreCase));

    private static bool NamesAnotherComputer(string? value) =>
        (value ?? "").Split(',', ';').Any(item => Address(item) is { } address && !IPAddress.IsLoopback(address));

    /// <summary>As in "203.0.113.9", "[2001:db8::1]:443" or "for=203.0.113.9".</summary>
    private static IPAddress? Address(string item)
    {
        var text = item[(item.IndexOf('=', StringComparison.Ordinal) + 1)..].Trim().Trim('"');
        // A plain number would count as an address too.
        if (text.Count(letter => letter == '.') != 3 && text.Count(letter => letter == ':') < 2) return null;
        return IPEndPoint.TryParse(text, out var end) ? end.Address : null;
    }
}
