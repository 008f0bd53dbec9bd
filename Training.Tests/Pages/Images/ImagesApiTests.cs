using System.Net;
using System.Net.Http.Headers;
using Dashboard.Datasets.Samples;
using Dashboard.Storage;
using SkiaSharp;
using Training.Core.Data;
using Training.Tests.Datasets;
using Training.Tests.TestKit;

namespace Training.Tests.Pages.Images;

public sealed class ImagesApiTests : IAsyncLifetime
{
    private DatasetBench _bench = null!;
    private HttpClient _client = null!;
    private DatasetRow _row = null!;
    private Sample _sample = null!;

    [Fact]
    public async Task Thumbnail_OfALargeImage_IsAJpegOf256Pixels()
    {
        var answer = await _client.GetAsync(SampleImage.Thumbnail(_row.Id, _sample));

        Assert.Equal("image/jpeg", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal((256, 144), await SizeAsync(answer));
    }

    [Fact]
    public async Task Image_OfALargeImage_IsAJpegOf1600Pixels() =>
        Assert.Equal((1600, 900), await SizeAsync(await _client.GetAsync(SampleImage.Full(_row.Id, _sample))));

    [Fact]
    public async Task Thumbnail_AskedForByManyAtOnce_IsMadeOnceAndKept()
    {
        await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => _client.GetAsync(SampleImage.Thumbnail(_row.Id, _sample))));
        var file = Assert.Single(Thumbnails());
        await File.WriteAllTextAsync(file, "as it was");

        Assert.Equal("as it was", await _client.GetStringAsync(SampleImage.Thumbnail(_row.Id, _sample)));
        Assert.Equal(_sample.Sha256, Path.GetFileName(Path.GetDirectoryName(file)) + Path.GetFileNameWithoutExtension(file));
    }

    [Fact]
    public async Task Thumbnail_ThatIsTorn_IsMadeAnew()
    {
        await _client.GetAsync(SampleImage.Thumbnail(_row.Id, _sample));
        await File.WriteAllBytesAsync(Assert.Single(Thumbnails()), []);

        Assert.Equal((256, 144), await SizeAsync(await _client.GetAsync(SampleImage.Thumbnail(_row.Id, _sample))));
    }

    [Theory]
    [InlineData("thumbs")]
    [InlineData("images")]
    public async Task Image_ThatTheBrowserHas_IsNotSentAgain(string kind)
    {
        var address = $"/{kind}/{_row.Id}/{_sample.Id}";
        var first = await _client.GetAsync(address);
        Assert.Equal((true, TimeSpan.FromMinutes(5)), (first.Headers.CacheControl!.Private, first.Headers.CacheControl.MaxAge));
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.IfNoneMatch.Add(first.Headers.ETag!);

        Assert.Equal(HttpStatusCode.NotModified, (await _client.SendAsync(request)).StatusCode);
    }

    [Fact]
    public async Task Image_UnderItsHash_MayBeKeptForEver()
    {
        var answer = await _client.GetAsync(SampleImage.Full(_row.Id, _sample));

        Assert.Contains("immutable", string.Join(", ", answer.Headers.GetValues("Cache-Control")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("thumbs")]
    [InlineData("images")]
    public async Task Image_WhoseFileIsGone_SaysSoInAPicture(string kind)
    {
        Directory.Delete(_row.Root, recursive: true);

        await AssertPlaceholderAsync($"/{kind}/{_row.Id}/{_sample.Id}", "File is gone");
    }

    [Theory]
    [InlineData("thumbs")]
    [InlineData("images")]
    public async Task Image_WhoseFileIsBroken_SaysSoInAPicture(string kind)
    {
        await File.WriteAllTextAsync(Path.Combine(_row.Root, _sample.Path), "no image");
        await using (var db = _bench.App.Database())
        {
            db.Samples.Single(row => row.DatasetId == _row.Id && row.SampleId == _sample.Id).Sha256 = "";
            await db.SaveChangesAsync();
        }

        await AssertPlaceholderAsync($"/{kind}/{_row.Id}/{_sample.Id}", "Image can");
    }

    [Theory]
    [InlineData("thumbs")]
    [InlineData("images")]
    public async Task Image_WhoseFileHoldsAnotherPicture_SaysSoInAPicture(string kind)
    {
        TestImages.Write(Path.Combine(_row.Root, _sample.Path), 5, "another", 1920, 1080);

        await AssertPlaceholderAsync($"/{kind}/{_row.Id}/{_sample.Id}", "File has changed");
    }

    [Theory]
    [InlineData("thumbs", 256)]
    [InlineData("images", 1600)]
    public async Task Image_OfARun_IsTheOneThatTheRunSaw(string kind, int width)
    {
        // The run used the file as it is now; the dataset was not scanned since, or its scan found the file of before.
        TestImages.Write(Path.Combine(_row.Root, _sample.Path), 5, "another", 1920, 1080);
        var now = Convert.ToHexStringLower(
            System.Security.Cryptography.SHA256.HashData(await File.ReadAllBytesAsync(Path.Combine(_row.Root, _sample.Path))));
        var folder = _bench.App.Get<Microsoft.Extensions.Options.IOptions<Dashboard.Storage.DashboardOptions>>().Value.RunFolder(9);
        Directory.CreateDirectory(folder.Path);
        new DatasetManifest("photos", _row.Root, _row.Classes, [_sample]).With(new Dictionary<string, string> { [_sample.Path] = now })
            .Save(folder.Manifest);
        var address = $"/{kind}/{_row.Id}/{_sample.Id}";

        Assert.Equal(width, (await SizeAsync(await _client.GetAsync($"{address}?run=9"))).Width);
        await AssertPlaceholderAsync($"{address}?run=10", "File has changed");
        if (kind == "thumbs") Assert.EndsWith(now[2..] + ".jpg", Assert.Single(Thumbnails()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("thumbs", 256)]
    [InlineData("images", 1600)]
    public async Task Image_MovedIntoAnotherClass_IsShownFromThere(string kind, int width)
    {
        File.Move(Path.Combine(_row.Root, _sample.Path), Path.Combine(_row.Root, "dogs", "sorted.jpg"));
        await RescanAsync();

        Assert.Equal(width, (await SizeAsync(await _client.GetAsync($"/{kind}/{_row.Id}/{_sample.Id}?run=9"))).Width);
    }

    [Theory]
    [InlineData("thumbs")]
    [InlineData("images")]
    public async Task Image_GoneFromTheDatasetToo_StaysGone(string kind)
    {
        File.Delete(Path.Combine(_row.Root, _sample.Path));
        await RescanAsync();

        await AssertPlaceholderAsync($"/{kind}/{_row.Id}/{_sample.Id}?run=9", "File is gone");
    }

    [Fact]
    public async Task Image_MovedAndThenOverwritten_IsNotAnotherPicture()
    {
        File.Move(Path.Combine(_row.Root, _sample.Path), Path.Combine(_row.Root, "dogs", "sorted.jpg"));
        await RescanAsync();
        TestImages.Write(Path.Combine(_row.Root, "dogs", "sorted.jpg"), 5, "another", 1920, 1080);

        await AssertPlaceholderAsync($"/images/{_row.Id}/{_sample.Id}?run=9", "File is gone");
    }

    [Theory]
    [InlineData("../secret.jpg")]
    [InlineData("cats/../../secret.jpg")]
    [InlineData("FOLDER/secret.jpg")]
    public async Task Image_WhoseStoredPathLeadsOut_IsNotServed(string path)
    {
        TestImages.Write(_bench.In("secret.jpg"), 1, "secret");
        await using (var db = _bench.App.Database())
        {
            db.Samples.Single(row => row.DatasetId == _row.Id && row.SampleId == _sample.Id).Path = path.Replace("FOLDER", _bench.In(),
                StringComparison.Ordinal);
            await db.SaveChangesAsync();
        }

        await AssertPlaceholderAsync($"/images/{_row.Id}/{_sample.Id}", "File is gone");
    }

    [Fact]
    public async Task Image_OfADeletedDataset_IsServedWhileItsFileIsThere()
    {
        await using (var db = _bench.App.Database())
        {
            db.Runs.Add(new RunRow
            {
                Name = "old", DatasetId = _row.Id, DatasetName = _row.Name, RecipeJson = "{}", State = Dashboard.Storage.RunState.Completed,
            });
            await db.SaveChangesAsync();
        }
        await _bench.Store.DeleteAsync(_row.Id);

        Assert.Equal((1600, 900), await SizeAsync(await _client.GetAsync(SampleImage.Full(_row.Id, _sample))));
    }

    [Theory]
    [InlineData("/thumbs/1/999")]
    [InlineData("/images/99/0")]
    public async Task Image_ThatNeverWas_IsNotFound(string address) =>
        Assert.Equal(HttpStatusCode.NotFound, (await _client.GetAsync(address)).StatusCode);

    public async Task InitializeAsync()
    {
        _bench = await DatasetBench.StartAsync();
        _client = _bench.App.CreateClient();
        TestImages.Write(_bench.In("photos", "cats", "large.jpg"), 0, "large", 1920, 1080);
        _row = await _bench.ReadyAsync("photos", ("dogs", 1));
        _sample = (await _bench.Store.SamplesAsync(_row.Id, label: 0))[0];
    }

    public async Task DisposeAsync()
    {
        _client.Dispose();
        await _bench.DisposeAsync();
    }

    private async Task RescanAsync()
    {
        Assert.True(await _bench.Store.RescanAsync(_row.Id));
        await _bench.ScannedAsync(_row.Id);
    }

    private string[] Thumbnails() => Directory.GetFiles(Path.Combine(_bench.App.DataRoot, "thumbnails"), "*", SearchOption.AllDirectories);

    private async Task AssertPlaceholderAsync(string address, string words)
    {
        var answer = await _client.GetAsync(address);

        Assert.Equal((HttpStatusCode.OK, "image/svg+xml"), (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
        Assert.Equal(CacheControlHeaderValue.Parse("no-store"), answer.Headers.CacheControl);
        Assert.Contains(words, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private static async Task<(int Width, int Height)> SizeAsync(HttpResponseMessage answer)
    {
        using var bitmap = SKBitmap.Decode(await answer.Content.ReadAsByteArrayAsync());
        return (bitmap.Width, bitmap.Height);
    }
}
