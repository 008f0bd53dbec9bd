using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Threading.RateLimiting;
using Dashboard.Access.Accounts;
using Dashboard.Access.Visitors;
using Dashboard.Protocol;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.RateLimiting;

namespace Dashboard.Access.Doors;

/// <summary>How often somebody who isn't signed in may knock, by address. Whoever is known here is not limited.</summary>
internal static class RequestLimits
{
    public const int SignInsAMinute = 10, StrangersRequestsAMinute = 240;

    /// <summary>
    /// Two for each connection that a machine or a trainer makes: dozens of them behind one address may come back at the same time.
    /// </summary>
    public const int ConnectionRequestsAMinute = 1_200;

    /// <summary>A sign-in's form is far below.</summary>
    public const int StrangersBodyBytes = 64 << 10;

    private static readonly PathString[] PasswordForms = [AccountPaths.SignIn, AccountPaths.FirstAccount, AccountPaths.Password];

    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    public static void Configure(RateLimiterOptions options)
    {
        options.GlobalLimiter = PartitionedRateLimiter.CreateChained(
            PartitionedRateLimiter.Create<HttpContext, string>(context =>
                Limit(IsSignIn(context.Request), "sign-in", SignInsAMinute, context)),
            PartitionedRateLimiter.Create<HttpContext, string>(context =>
                Limit(IsStrangers(context), "stranger", StrangersRequestsAMinute, context)),
            PartitionedRateLimiter.Create<HttpContext, string>(context =>
                Limit(IsConnecting(context), "connection", ConnectionRequestsAMinute, context)));
        options.OnRejected = (rejected, _) => new ValueTask(RejectAsync(rejected));
    }

    /// <summary>Nobody who isn't known here sends something large; machines and trainers have limits of their own.</summary>
    public static Task LimitBodyAsync(HttpContext context, RequestDelegate next)
    {
        if (IsStrangers(context) && context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } body)
            body.MaxRequestBodySize = StrangersBodyBytes;
        return next(context);
    }

    private static RateLimitPartition<string> Limit(bool applies, string kind, int requests, HttpContext context) => applies
        ? RateLimitPartition.GetFixedWindowLimiter($"{kind} {Client(context.Connection.RemoteIpAddress)}", _ =>
            new() { PermitLimit = requests, Window = Window })
        : RateLimitPartition.GetNoLimiter("");

    private static bool IsSignIn(HttpRequest request) => HttpMethods.IsPost(request.Method)
        && PasswordForms.Any(form => request.Path.Equals(form, StringComparison.OrdinalIgnoreCase));

    private static bool IsStrangers(HttpContext context) =>
        !OpenPaths.IsUnlimited(context.Request.Path) && Visitor.Of(context.User) is null;

    private static bool IsConnecting(HttpContext context) =>
        context.Request.Path.StartsWithSegments(MachineProtocol.Path) && Visitor.Of(context.User) is null;

    /// <summary>Who has one IPv6 address has the 2^64 of its network.</summary>
    internal static string Client(IPAddress? address)
    {
        if (address is null) return "";
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        return address.AddressFamily == AddressFamily.InterNetworkV6
            ? Convert.ToHexString(address.GetAddressBytes().AsSpan(0, 8)) : address.ToString();
    }

    private static Task RejectAsync(OnRejectedContext rejected)
    {
        var wait = rejected.Lease.TryGetMetadata(MetadataName.RetryAfter, out var after) ? after : Window;
        rejected.HttpContext.Response.Headers.RetryAfter = ((int)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        return AccessRefusals.RefuseAsync(rejected.HttpContext, DoorWords.TooManyRequests,
            StatusCodes.Status429TooManyRequests, "Too many requests");
    }
}
