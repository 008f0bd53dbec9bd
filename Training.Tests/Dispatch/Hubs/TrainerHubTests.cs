using Dashboard.Protocol;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Training.Core.Runs;
using Training.Tests.Dispatch.Trainers;
using Training.Tests.TestKit;

namespace Training.Tests.Dispatch.Hubs;

public sealed class TrainerHubTests
{
    [Fact]
    public async Task Report_WithoutAttach_IsRefused()
    {
        await using var story = await TrainerStory.BeginAsync();
        await using var connection = await ConnectAsync(story);

        var refusal = await Assert.ThrowsAsync<HubException>(() => ReportAsync(connection, Step(1, 1)));

        Assert.Contains(MachineProtocol.UnknownAttempt, refusal.Message, StringComparison.Ordinal);
        Assert.Empty(await story.StepsAsync());
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(0, 2)]
    [InlineData(1000, 1)]
    public async Task Attach_WithAWrongSecretAttemptOrRun_IsRefused(int runOffset, int attempt)
    {
        await using var story = await TrainerStory.BeginAsync();
        await using var connection = await ConnectAsync(story);

        var reply = await connection.InvokeAsync<AttachReply>(nameof(ITrainerHub.Attach), story.Run.Id + runOffset, attempt,
            "a wrong secret");

        Assert.StartsWith(MachineProtocol.UnknownAttempt, reply.Refusal, StringComparison.Ordinal);
        var refusal = await Assert.ThrowsAsync<HubException>(() => ReportAsync(connection, Step(1, 1)));
        Assert.Contains(MachineProtocol.UnknownAttempt, refusal.Message, StringComparison.Ordinal);
        Assert.Empty(await story.StepsAsync());
    }

    [Fact]
    public async Task Attach_OfAFormerAttempt_IsRefusedAsStale()
    {
        await using var story = await TrainerStory.BeginAsync();
        await using (var db = story.App.Database()) await db.Runs.ExecuteUpdateAsync(set => set.SetProperty(run => run.Attempt, 2));
        await using var connection = await ConnectAsync(story);

        Assert.StartsWith(MachineProtocol.StaleAttempt, (await AttachAsync(connection, story)).Refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Attach_RefusedAgainAndAgain_IsOneLineOfTheLog()
    {
        var log = new LogLines();
        await using var story = await TrainerStory.BeginAsync(log);
        await using var connection = await ConnectAsync(story);

        for (var i = 0; i < 20; i++)
            await connection.InvokeAsync<AttachReply>(nameof(ITrainerHub.Attach), story.Run.Id, 1, "a wrong secret");

        var line = Assert.Single(log.Of("Dashboard.Dispatch.Hubs.TrainerHub"));
        Assert.Contains($"knows no attempt 1 of run {story.Run.Id} with this secret", line, StringComparison.Ordinal);
        Assert.Empty(log.Of("Microsoft.AspNetCore.SignalR"));
    }

    [Fact]
    public async Task Report_SentTwice_IsStoredOnce()
    {
        await using var story = await TrainerStory.BeginAsync();
        await using var connection = await ConnectAsync(story);
        Assert.Equal(new AttachReply(0, false, false, false), await AttachAsync(connection, story));

        Assert.Equal(2, await ReportAsync(connection, Step(1, 1), Step(2, 2)));
        Assert.Equal(3, await ReportAsync(connection, Step(1, 1), Step(2, 2), Step(3, 3)));

        Assert.Equal([1, 2, 3], await story.StepsAsync());
    }

    [Fact]
    public async Task Attach_Again_TellsWhereToGoOnAndThatAStopWasAsked()
    {
        await using var story = await TrainerStory.BeginAsync();
        await using (var first = await ConnectAsync(story))
        {
            await AttachAsync(first, story);
            await ReportAsync(first, Step(1, 1), Step(2, 2));
        }
        await story.StopAsync();

        await using var second = await ConnectAsync(story);

        Assert.Equal(new AttachReply(2, StopRequested: true, PauseRequested: false, Over: false), await AttachAsync(second, story));
    }

    [Fact]
    public async Task Report_OfAnEndedRun_IsStale()
    {
        await using var story = await TrainerStory.BeginAsync();
        await using var connection = await ConnectAsync(story);
        await AttachAsync(connection, story);
        await story.App.Runs.FailAsync(story.Run.Id, 1, "over");

        var refusal = await Assert.ThrowsAsync<HubException>(() => ReportAsync(connection, Step(1, 1)));

        Assert.Contains(MachineProtocol.StaleAttempt, refusal.Message, StringComparison.Ordinal);
        Assert.True((await AttachAsync(connection, story)).Over);
    }

    [Fact]
    public async Task Report_OfManyLongLines_FitsAMessage()
    {
        await using var story = await TrainerStory.BeginAsync();
        await using var connection = await ConnectAsync(story);
        await AttachAsync(connection, story);
        var line = new string('한', MessageRules.MostLogText);

        var entries = Enumerable.Range(1, 16)
            .Select(i => new JournalEntry(i, DateTimeOffset.UnixEpoch, new Logged(RunLogLevel.Error, line)));

        Assert.Equal(16, await ReportAsync(connection, [.. entries]));
    }

    private static async Task<HubConnection> ConnectAsync(TrainerStory story)
    {
        var connection = new HubConnectionBuilder()
            .WithUrl(new Uri(story.App.Url, MachineProtocol.Path))
            .AddJsonProtocol(json => CoreJson.Apply(json.PayloadSerializerOptions))
            .Build();
        await connection.StartAsync();
        return connection;
    }

    private static Task<AttachReply> AttachAsync(HubConnection connection, TrainerStory story) =>
        connection.InvokeAsync<AttachReply>(nameof(ITrainerHub.Attach), story.Run.Id, 1, story.Token);

    private static Task<long> ReportAsync(HubConnection connection, params IReadOnlyList<JournalEntry> entries) =>
        connection.InvokeAsync<long>(nameof(ITrainerHub.Report), entries);

    private static JournalEntry Step(long sequence, int step) =>
        new(sequence, DateTimeOffset.UnixEpoch, new StepCompleted(1, step, step == 2 ? double.NaN : 0.5, 0.001, 30));
}
