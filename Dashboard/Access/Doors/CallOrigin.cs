using System.Collections.Concurrent;
using System.Net;
using Dashboard.Storage;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace Dashboard.Access.Doors;

/// <summary>Where a request comes from, as it arrived: noted before a proxy's headers are believed.</summary>
/// <param name="IsLoopback">From this computer, and that is enough here (setting Dashboard:SignInHere).</param>
/// <param name="ProxySign">The header by which it shows that it came over a proxy; null: none.</param>
internal sealed record CallOrigin(bool IsLoopback, string? ProxySign, bool IsOwnName)
{
    public bool IsForwarded => ProxySign is not null;

    /// <summary>
    /// Somebody at this computer itself. Behind a foreign name there could be a page of another site that leads here (DNS rebinding).
    /// </summary>
    public bool IsThisComputer => IsLoopback && !IsForwarded && IsOwnName;

    public static CallOrigin? Of(HttpContext context) => context.Features.Get<CallOrigin>();
}

/// <summary>Notes the <see cref="CallOrigin"/> of every request.</summary>
internal sealed partial class CallOriginNote(
    RequestDelegate next, OwnNames names, IOptions<DashboardOptions> options, ILogger<CallOriginNote> log)
{
    /// <summary>Whoever sends headers of ever new names doesn't fill the log.</summary>
    private const int MostNamed = 32, LongestName = 64;

    private readonly ConcurrentDictionary<string, bool> _named = new(StringComparer.OrdinalIgnoreCase);

    public Task InvokeAsync(HttpContext context)
    {
        // Null: in memory or over a Unix socket, which is this computer too.
        var isLoopback = !options.Value.SignInHere && (context.Connection.RemoteIpAddress is not { } from || IPAddress.IsLoopback(from));
        var origin = new CallOrigin(isLoopback, ProxySigns.In(context.Request), names.Contains(context.Request.Host));
        context.Features.Set(origin);
        if (origin is { IsLoopback: true, ProxySign: { } sign } && options.Value.TrustedProxies.Length == 0) Name(sign);
        return next(context);
    }

    private void Name(string sign)
    {
        var name = sign.Length > LongestName ? sign[..LongestName] : sign;
        if (_named.Count < MostNamed && _named.TryAdd(name, true)) LogProxy(name);
    }

    [LoggerMessage(LogLevel.Warning, "A request from this computer came over a proxy, as {Sign} shows, and needs a sign-in. If it is your "
        + "proxy, name its address in the setting Dashboard:TrustedProxies; this is said once")]
    private partial void LogProxy(string sign);
}

/// <summary>The names of this computer, by which it is reached from itself.</summary>
internal sealed class OwnNames(IConfiguration configuration)
{
    /// <summary>
    /// The server's own check of this setting answers with a page that doesn't say what to do: it is off, see <see cref="DoorsModule"/>.
    /// </summary>
    public const string Key = "AllowedHosts";

    private readonly List<StringSegment> _names =
        [.. (configuration[Key] ?? "localhost;127.0.0.1;[::1]")
            .Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)];

    /// <summary>
    /// A name as it stands there, with a port or without, and nothing else: what isn't written so was not written by a browser.
    /// </summary>
    public bool Contains(HostString host) => _names.Contains("*") || IsPlain(host) && HostString.MatchesAny(host.Host, _names);

    public override string ToString() => string.Join(';', _names);

    private static bool IsPlain(HostString host) =>
        host.HasValue && host.Value.All(letter => letter is > ' ' and < '\x7F' and not ',')
        && host.Value == (host.Port is { } port and > 0 ? new HostString(host.Host, port) : new HostString(host.Host)).Value;
}
