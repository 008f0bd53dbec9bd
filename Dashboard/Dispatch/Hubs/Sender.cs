using System.Globalization;
using Dashboard.Access.Visitors;
using Microsoft.AspNetCore.SignalR;

namespace Dashboard.Dispatch.Hubs;

/// <summary>Who is at the other end of a hub's connection, as far as that has been proved.</summary>
internal static class Sender
{
    private const string MachineKey = "machine";
    private const string AttemptKey = "attempt";

    /// <summary>The machine that the connection speaks for; null before it has joined as one.</summary>
    public static string? Machine(HubCallerContext context) => context.Items[MachineKey] as string;

    public static void SetMachine(HubCallerContext context, string name) => context.Items[MachineKey] = name;

    /// <summary>The attempt that the connection reports; null before it has attached to one.</summary>
    public static (int RunId, int Attempt)? Attempt(HubCallerContext context) => context.Items[AttemptKey] as (int, int)?;

    public static void SetAttempt(HubCallerContext context, int runId, int attempt) => context.Items[AttemptKey] = (runId, attempt);

    /// <summary>For the log.</summary>
    public static string Name(HubCallerContext context) =>
        Machine(context)
        ?? (Attempt(context) is var (run, attempt)
            ? string.Create(CultureInfo.InvariantCulture, $"The trainer of run {run}, attempt {attempt},") : null)
        ?? Visitor.Of(context.User)?.Name
        ?? "Somebody";

    /// <summary>For the log.</summary>
    public static string Address(HubCallerContext context) =>
        context.GetHttpContext()?.Connection.RemoteIpAddress?.ToString() ?? "an unknown address";
}
