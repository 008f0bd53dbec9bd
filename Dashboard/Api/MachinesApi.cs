using Dashboard.Access.Visitors;
using Dashboard.Api.Problems;
using Dashboard.Dispatch;
using Dashboard.Machines;
using Dashboard.Protocol;
using Dashboard.Runs;
using Dashboard.Storage;
using Microsoft.AspNetCore.Http.HttpResults;
using Training.Core.Runs;

namespace Dashboard.Api;

/// <summary>Machines and the tokens that let others join.</summary>
internal static class MachinesApi
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var machines = routes.MapGroup("/api/machines").WithTags("Machines");
        var admins = routes.MapGroup("/api/machines").WithTags("Machines").RequireAuthorization(Rights.CanAdminister);
        machines.MapGet("/", async (MachineService door, CancellationToken cancellationToken) =>
            TypedResults.Ok((await door.ListAsync(cancellationToken)).Select(Facts.Of)))
            .WithSummary("The machines that joined, with what they last reported: load, memory, disk, devices and their runs");
        admins.MapPost("/{name}/mode/{mode}", SetModeAsync)
            .WithSummary("active: takes runs. draining: trains on, takes nothing new. paused: its runs are paused too");
        admins.MapPost("/{name}/lease/{seconds:int}", SetLeaseAsync)
            .WithSummary("How long it may stay away before its runs are taken up elsewhere, in seconds");
        admins.MapDelete("/{name}", RemoveAsync)
            .WithSummary("Removes a machine: its secret opens nothing any more, its runs go on elsewhere");
        admins.MapGet("/tokens", async (MachineStore store, CancellationToken cancellationToken) =>
                TypedResults.Ok((await store.TokensAsync(cancellationToken))
                    .Select(row => new TokenView(row.Id, row.Name, row.CreatedAt, row.LastUsedAt))))
            .WithSummary("The tokens that let machines join, without the tokens themselves");
        admins.MapPost("/tokens", CreateTokenAsync).WithSummary("Makes a token that lets machines join; it is shown this once");
        admins.MapDelete("/tokens/{id:int}", RevokeTokenAsync)
            .WithSummary("Revokes a token: nobody joins with it any more; machines that did stay");
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> SetModeAsync(
        MachineService door, string name, string mode, CancellationToken cancellationToken)
    {
        if (!Enum.TryParse<MachineMode>(mode, ignoreCase: true, out var wanted) || !Enum.IsDefined(wanted))
            return TypedResults.Problem($"“{mode}” is no mode of a machine. Take active, draining or paused.",
                statusCode: StatusCodes.Status400BadRequest);
        return Answer(name, await door.SetModeAsync(name, wanted, cancellationToken));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> SetLeaseAsync(
        MachineService door, string name, int seconds, CancellationToken cancellationToken) =>
        await door.SetLeaseAsync(name, TimeSpan.FromSeconds(seconds), cancellationToken) ? TypedResults.NoContent() : NoMachine(name);

    private static async Task<Results<NoContent, ProblemHttpResult>> RemoveAsync(
        MachineService door, string name, CancellationToken cancellationToken) =>
        Answer(name, await door.RemoveAsync(name, cancellationToken));

    private static Results<NoContent, ProblemHttpResult> Answer(string name, CommandResult result)
    {
        if (!result.IsFound) return NoMachine(name);
        return result.Problem is { } problem
            ? TypedResults.Problem(problem, statusCode: StatusCodes.Status409Conflict) : TypedResults.NoContent();
    }

    private static async Task<Results<Ok<NewToken>, ProblemHttpResult>> CreateTokenAsync(
        MachineStore store, TokenName body, CancellationToken cancellationToken)
    {
        if (body.Name?.Trim() is not { Length: > 0 and <= MachineStore.MaxName } name)
            return TypedResults.Problem($"name: a token needs a name of at most {MachineStore.MaxName} characters, by which you find it "
                + "again.", statusCode: StatusCodes.Status400BadRequest);
        return TypedResults.Ok(new NewToken(name, await store.CreateTokenAsync(name, cancellationToken)));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> RevokeTokenAsync(
        MachineStore store, int id, CancellationToken cancellationToken) =>
        await store.RevokeTokenAsync(id, cancellationToken) ? TypedResults.NoContent()
        : ApiProblems.NotFound($"There is no token {id}. GET /api/machines/tokens lists those that are there.");

    private static ProblemHttpResult NoMachine(string name) =>
        ApiProblems.NotFound($"There is no machine “{name}”. GET /api/machines lists those that are there.");

    /// <summary>A machine in one piece: what it said of itself and what the dashboard knows of it.</summary>
    private sealed record Facts
    {
        public required string Name { get; init; }

        // One flat object in JSON: see InlinedAttribute.
        [Inlined] public required Report Said { get; init; }
        [Inlined] public required Standing Known { get; init; }

        public static Facts Of(MachineView machine) => new()
        {
            Name = machine.Name, Said = Report.Of(machine.Report), Known = Standing.Of(machine),
        };
    }

    /// <summary>What a machine last said of itself; nothing of one that never spoke.</summary>
    private sealed record Report
    {
        public required string? System { get; init; }
        public required string? Processor { get; init; }
        public required int? Cores { get; init; }
        public required double? Load { get; init; }
        public required long? MemoryUsed { get; init; }
        public required long? MemoryTotal { get; init; }
        public required long? DiskFree { get; init; }
        public required long? DiskTotal { get; init; }
        public required IReadOnlyList<DeviceReport> Devices { get; init; }
        public required DateTimeOffset? At { get; init; }

        public static Report Of(MachineReport? report) => new()
        {
            System = report?.System, Processor = report?.Processor, Cores = report?.Cores, Load = report?.Load,
            MemoryUsed = report?.MemoryUsed, MemoryTotal = report?.MemoryTotal, DiskFree = report?.DiskFree,
            DiskTotal = report?.DiskTotal, Devices = report?.Devices ?? [], At = report?.At,
        };
    }

    /// <summary>What the dashboard knows of a machine, whatever that says.</summary>
    private sealed record Standing
    {
        public required MachineMode Mode { get; init; }
        public required int LeaseSeconds { get; init; }
        public required string Version { get; init; }
        public required DateTimeOffset JoinedAt { get; init; }
        public required DateTimeOffset? AwaySince { get; init; }
        public required bool IsHere { get; init; }
        public required MachineKind Kind { get; init; }

        public static Standing Of(MachineView machine) => new()
        {
            Mode = machine.Mode, LeaseSeconds = machine.LeaseSeconds, Version = machine.Version, JoinedAt = machine.JoinedAt,
            AwaySince = machine.AwaySince, IsHere = machine.IsHere, Kind = machine.Kind,
        };
    }

    private sealed record TokenView(int Id, string Name, DateTimeOffset CreatedAt, DateTimeOffset? LastUsedAt);

    private sealed record TokenName(string? Name);

    private sealed record NewToken(string Name, string Token);
}
