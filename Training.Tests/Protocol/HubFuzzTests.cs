using System.Globalization;
using System.Net;
using CsCheck;
using Dashboard.Api.Watching;
using Dashboard.Dispatch.Hubs;
using Dashboard.Machines;
using Dashboard.Protocol;
using Dashboard.Storage;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Client;
using Training.Tests.Dispatch.Trainers;
using Training.Tests.TestKit;

namespace Training.Tests.Protocol;

/// <summary>
/// A machine and a trainer that were let in, and a watcher, send what no honest one does. Whatever they get through, every page and every
/// list answers as before, in little time and space. FINETUNE_FUZZ=N sends N messages to each method instead of a few.
/// </summary>
public sealed class HubFuzzTests : IAsyncLifetime, IDisposable
{
    private const int MessagesPerMethod = 14, BatchesBetweenLooks = 14;
    private const int MostBytes = 2_000_000;
    private static readonly string Machine = TrainerStory.Machine;

    private readonly LogLines _log = new();
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(60) };
    private TrainerStory _story = null!;
    private HubConnection? _machine, _trainer;
    private string _joinToken = "", _key = "", _token = "";
    private int _run;
    private long _next = 1;

    public async Task InitializeAsync()
    {
        _story = await TrainerStory.BeginAsync(_log);
        _joinToken = await _story.App.Get<MachineStore>().CreateTokenAsync("test");
        _http.BaseAddress = _story.App.Url;
        await NewRunAsync();
    }

    public async Task DisposeAsync()
    {
        if (_machine is not null) await _machine.DisposeAsync();
        if (_trainer is not null) await _trainer.DisposeAsync();
        await _story.DisposeAsync();
    }

    public void Dispose()
    {
        _http.Dispose();
        _log.Dispose();
    }

    [Fact]
    public async Task Hubs_WhateverIsSent_LeaveEveryPageAsItWas()
    {
        var messages = int.TryParse(Environment.GetEnvironmentVariable("FINETUNE_FUZZ"), CultureInfo.InvariantCulture, out var many)
            ? many : MessagesPerMethod;
        var random = new PCG(1, 2026);
        var (sent, refused) = (0, 0);
        for (var round = 0; round < messages; round++)
        {
            foreach (var (hub, method) in new[] { typeof(MachineHub), typeof(ProgressHub) }
                .SelectMany(hub => HonestMessages.MethodsOf(hub).Select(method => (hub, method.Name))))
            {
                var changes = BadMessages.Changes.Generate(random, null, out _);
                sent++;
                if (!await SendAsync(hub, method, changes)) refused++;
            }
            if (round % BatchesBetweenLooks == 0 || round == messages - 1) await LookAsync();
        }

        // Some are good after all (a null where nothing is needed); most are not.
        Assert.InRange(refused, sent / 2, sent);
        Assert.DoesNotContain(_log.Of("Dashboard"), line =>
            line.Contains("failed", StringComparison.Ordinal) || line.Contains("can't be shown", StringComparison.Ordinal));
        Assert.InRange(_log.Of("Dashboard").Sum(line => line.Length), 0, 100_000);
        await HonestAsync();
    }

    /// <returns>false when it was refused.</returns>
    private async Task<bool> SendAsync(Type hub, string method, (int, double)[] changes)
    {
        if (await _story.App.Runs.GetAsync(_run) is not { } run || !run.State.IsLive() || run.Attempt != 1) await NewRunAsync();
        var secret = method == nameof(IMachineHub.Join) ? _joinToken : _token;
        var arguments = BadMessages.Of(HonestMessages.Arguments(method, _run, secret, _next), changes);
        await using var own = hub == typeof(ProgressHub) || method is nameof(IMachineHub.Join) or nameof(ITrainerHub.Attach)
            ? await ConnectAsync(hub) : null;
        var connection = own ?? (method is nameof(ITrainerHub.Report) ? await TrainerAsync() : await MachineAsync());
        try
        {
            var answer = await connection.InvokeCoreAsync(method, typeof(object), arguments);
            if (method is nameof(ITrainerHub.Report) or nameof(IMachineHub.Replay))
                _next = 1 + long.Parse(answer!.ToString()!, CultureInfo.InvariantCulture);
            return answer?.ToString()?.Contains("refusal\":\"", StringComparison.Ordinal) != true;
        }
        catch (HubException)
        {
            return false;
        }
        catch (Exception) when (own is not null)
        {
            // Who isn't known, or only watches, may not send much: the connection is closed.
            return false;
        }
    }

    private async Task LookAsync()
    {
        string[] pages =
        [
            "/", "/machines", "/new", "/datasets", $"/runs/{_run}", $"/runs/{_run}?tab=log", $"/runs/{_run}?tab=images",
                $"/runs/{_run}?tab=matrix", $"/runs/{_run}?tab=files",
            "/api/runs", $"/api/runs/{_run}", $"/api/runs/{_run}/attempts", $"/api/runs/{_run}/metrics?series=trainLoss",
            $"/api/runs/{_run}/curves.csv", "/api/machines", "/health",
        ];
        foreach (var page in pages)
        {
            using var answer = await _http.GetAsync(new Uri(page, UriKind.Relative));
            var text = await answer.Content.ReadAsStringAsync();
            Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{page}: {answer.StatusCode} {text[..Math.Min(500, text.Length)]}");
            Assert.True(text.Length < MostBytes, $"{page} has {text.Length} characters");
            Assert.DoesNotContain("could not be shown", text, StringComparison.Ordinal);
            Assert.DoesNotContain("can&#x27;t be shown", text, StringComparison.Ordinal);
        }
    }

    /// <summary>The same machine, and a trainer, are heard when they speak as they should.</summary>
    private async Task HonestAsync()
    {
        await NewRunAsync();
        foreach (var method in new[] { nameof(IMachineHub.ReportMachine), nameof(ITrainerHub.Report) })
        {
            var connection = method == nameof(ITrainerHub.Report) ? await TrainerAsync() : await MachineAsync();
            await connection.InvokeCoreAsync(method, typeof(object), HonestMessages.Arguments(method, _run, _token, 1));
        }
        Assert.Equal(1, (await _story.App.Runs.GetAsync(_run))!.BestEpoch);
        Assert.Contains(_story.App.Get<MachineRegistry>().Machines, report => report.Name == Machine && report.Devices.Count == 2);
    }

    /// <summary>A run that the machine has taken, with a plan of its own, and nobody attached to it yet.</summary>
    private async Task NewRunAsync()
    {
        if (_trainer is not null) await _trainer.DisposeAsync();
        _trainer = null;
        foreach (var (run, _) in await _story.App.Runs.LiveOnAsync(Machine)) await _story.App.Runs.FailAsync(run.Id, run.Attempt, "over");
        var added = await TrainerStory.AddRunAsync(_story.App, "fuzz");
        _token = AttemptToken.Create();
        var taken = added;
        do taken = (await _story.App.Runs.TakeNextAsync(Machine, AttemptToken.Hash(_token)))!;
        while (taken.Id != added.Id);
        (_run, _next) = (added.Id, 1);
    }

    private async Task<HubConnection> TrainerAsync()
    {
        if (_trainer is { State: HubConnectionState.Connected }) return _trainer;
        if (_trainer is not null) await _trainer.DisposeAsync();
        _trainer = await ConnectAsync(typeof(MachineHub));
        var reply = await _trainer.InvokeAsync<AttachReply>(nameof(ITrainerHub.Attach), _run, 1, _token);
        Assert.Null(reply.Refusal);
        _next = reply.LastSequence + 1;
        return _trainer;
    }

    private async Task<HubConnection> MachineAsync()
    {
        if (_machine is { State: HubConnectionState.Connected }) return _machine;
        if (_machine is not null) await _machine.DisposeAsync();
        _machine = await ConnectAsync(typeof(MachineHub));
        var reply = await _machine.InvokeAsync<JoinReply>(nameof(IMachineHub.Join), Machine, _key.Length > 0 ? _key : _joinToken,
            ProgramVersion.Text, MachineProtocol.Version);
        Assert.Null(reply.Refusal);
        _key = reply.Key ?? _key;
        return _machine;
    }

    private async Task<HubConnection> ConnectAsync(Type hub)
    {
        var connection = HubClient.To(_story.App.Url, hub == typeof(ProgressHub) ? IProgressHub.Path : MachineProtocol.Path);
        await connection.StartAsync();
        return connection;
    }
}
