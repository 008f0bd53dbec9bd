using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using Dashboard.Dispatch.Files;
using Dashboard.Storage.Files;
using Training.Core.Runs;
using Training.Tests.Dispatch.Trainers;
using Training.Tests.TestKit;

namespace Training.Tests.Storage.Files;

/// <summary>A dashboard whose disk has no room for what comes: it says what waits, and takes it once there is room.</summary>
public sealed class DiskSpaceTests
{
    private const int Kilobytes = 20 << 10;

    [SkippableFact]
    public async Task Delivery_ThatDoesNotFit_WaitsByNameAndArrivesOnceThereIsRoom()
    {
        var place = new TemporaryFolder();
        using var disk = new SmallDisk(Kilobytes, place);
        await using var story = await TrainerStory.BeginAsync(root: place);
        var model = new byte[30_000_000];

        var refused = await PutAsync(story, model);

        Assert.Equal(HttpStatusCode.InsufficientStorage, refused.StatusCode);
        Assert.Contains("best_model.pth of run 1, which needs 30.0 MB", await refused.Content.ReadAsStringAsync(),
            StringComparison.Ordinal);
        Assert.StartsWith("best_model.pth of run 1 needs 30.0 MB, and ", Assert.Single(story.App.Get<DiskSpace>().Waiting()),
            StringComparison.Ordinal);
        Assert.Contains($"On the disk of the data root {story.App.DataRoot}: best_model.pth of run 1 needs 30.0 MB",
            await GetAsync(story, "health"), StringComparison.Ordinal);
        Assert.Contains("best_model.pth of run 1 needs 30.0 MB", await GetAsync(story, "datasets"), StringComparison.Ordinal);

        disk.Grow(200 << 10);
        Assert.Equal(HttpStatusCode.NoContent, (await PutAsync(story, model)).StatusCode);
        Assert.Empty(story.App.Get<DiskSpace>().Waiting());
        Assert.Contains("healthy", await GetAsync(story, "health"), StringComparison.Ordinal);
        Assert.Equal(model.Length, new FileInfo(story.Folder.BestModel).Length);
    }

    [Fact]
    public async Task Health_WhileATrainerWaitsForRoom_SaysWhichFileAndOnWhoseDisk()
    {
        await using var story = await TrainerStory.BeginAsync();
        var words = FullDisk.Words(new NoSpaceException("model.onnx", "/data/runs/1/model.onnx", 64_000_000, 47_000_000));
        await story.App.Runs.ApplyAsync(story.Run.Id, 1, [new JournalEntry(1, DateTimeOffset.UnixEpoch, new PhaseStarted(words, null))]);

        var health = await GetAsync(story, "health");

        Assert.Contains("degraded", health, StringComparison.Ordinal);
        Assert.Contains("Run 1 on testbox: The disk is full: there is no space for model.onnx, which needs 64.0 MB: 47.0 MB are free in "
            + "/data/runs/1", health, StringComparison.Ordinal);
    }

    private static async Task<HttpResponseMessage> PutAsync(TrainerStory story, byte[] content)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put,
            new Uri(story.App.Url, $"{MachineFiles.Prefix}/runs/{story.Run.Id}/attempts/1/files/best_model.pth"))
        {
            Content = new ByteArrayContent(content),
                Headers = { Authorization = new AuthenticationHeaderValue("Bearer", story.Token), ExpectContinue = true },
        };
        request.Headers.Add(MachineFiles.HashHeader, Convert.ToHexStringLower(SHA256.HashData(content)));
        using var http = new HttpClient();
        return await http.SendAsync(request);
    }

    private static async Task<string> GetAsync(TrainerStory story, string path)
    {
        using var http = new HttpClient();
        return await http.GetStringAsync(new Uri(story.App.Url, path));
    }
}
