using System.Net;
using System.Text;
using System.Text.Json;
using Dashboard.Api;
using Dashboard.Datasets.Zips;
using Dashboard.Storage;

namespace Training.Tests.Datasets.Imports;

/// <summary>From the API to the dataset: names whose encoding is known, guessed, asked and chosen.</summary>
public sealed class UploadNamesTests
{
    private static readonly Encoding Korean = CodePagesEncodingProvider.Instance.GetEncoding(949)!,
        Chinese = CodePagesEncodingProvider.Instance.GetEncoding(936)!;

    [Fact]
    public async Task Upload_WithKoreanNames_BecomesTheirClassesAndSaysWhatWasGuessedAlsoAfterAnotherScan()
    {
        await using var bench = new DatasetBench();

        var id = (await BodyAsync(await PostAsync(bench, Zip(Korean, "고양이", "강아지")), HttpStatusCode.Created)).GetProperty("id").GetInt32();
        var row = await bench.ScannedAsync(id);
        await bench.Store.RescanAsync(id);
        row = await bench.ScannedAsync(id);

        Assert.Equal((DatasetState.Ready, "강아지, 고양이"), (row.State, string.Join(", ", row.Classes)));
        Assert.Contains(bench.Store.Outline(row).Problems, problem =>
            problem.Message.Contains("read as Korean (CP949)", StringComparison.Ordinal));
        await bench.Store.DeleteAsync(id);
        await TestKit.Eventually.TrueAsync(() => !Directory.EnumerateFileSystemEntries(Path.Combine(bench.App.DataRoot, "datasets")).Any(),
            "nothing of it is left");
    }

    [Fact]
    public async Task Upload_WithNamesThatReadWellInSeveralWays_AsksAndTakesTheAnswer()
    {
        await using var bench = new DatasetBench();
        var zip = Zip(Chinese, "猫", "狗");

        var problem = await BodyAsync(await PostAsync(bench, zip), HttpStatusCode.BadRequest);
        var previews = problem.GetProperty("previews").Deserialize<List<EncodingPreview>>(JsonSerializerOptions.Web)!;
        var chosen = previews.Single(preview => preview.Names.Contains("猫/0.jpg"));

        Assert.Contains("can be read in several ways", problem.GetProperty("errors").GetProperty("encoding")[0].GetString(),
            StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(bench.App.DataRoot, "datasets")));
        var row = await bench.ScannedAsync((await BodyAsync(await PostAsync(bench, zip, chosen.Encoding), HttpStatusCode.Created))
            .GetProperty("id").GetInt32());
        Assert.Equal(["狗", "猫"], row.Classes.Order(StringComparer.Ordinal));
        Assert.DoesNotContain(bench.Store.Outline(row).Problems, problem =>
            problem.Message.Contains("were read as", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Upload_WithAnEncodingThatNobodyKnows_NamesThoseThatAreKnown()
    {
        await using var bench = new DatasetBench();

        var problem = await BodyAsync(await PostAsync(bench, Zip(Korean, "고양이", "강아지"), "klingon"), HttpStatusCode.BadRequest);

        Assert.Contains("“klingon” is no encoding of names that is known here. Known are utf-8, cp949",
            problem.GetProperty("errors").GetProperty("encoding")[0].GetString(), StringComparison.Ordinal);
    }

    /// <summary>As the page does before it sends gigabytes: the first and the last bytes.</summary>
    [Fact]
    public async Task Check_OfAZipsEndsAlone_SaysWhatTheUploadWould()
    {
        await using var bench = new DatasetBench();
        var korean = Zip(Korean, "고양이", "강아지", "호랑이");

        var good = await BodyAsync(await CheckAsync(bench, korean), HttpStatusCode.OK);
        var unclear = await BodyAsync(await CheckAsync(bench, Zip(Chinese, "猫", "狗")), HttpStatusCode.BadRequest);
        var rar = await BodyAsync(await CheckAsync(bench, [.. "Rar!"u8, .. new byte[9000]]), HttpStatusCode.BadRequest);

        Assert.Equal((6, "cp949"), (good.GetProperty("files").GetInt32(), good.GetProperty("encoding").GetString()));
        Assert.True(unclear.GetProperty("previews").GetArrayLength() >= 2);
        Assert.Contains("a RAR archive", rar.GetProperty("errors").GetProperty("file")[0].GetString(), StringComparison.Ordinal);
        Assert.Empty(await bench.Store.ListAsync());
    }

    private static byte[] Zip(Encoding encoding, params string[] classes) => new RawZip(
        [.. classes.SelectMany(name => new[] { 0, 1 }.Select(i => RawZip.Entry($"{name}/{i}.jpg", encoding)))]).Bytes();

    private static async Task<HttpResponseMessage> PostAsync(DatasetBench bench, byte[] zip, string? encoding = null)
    {
        using var client = bench.App.CreateClient();
        using var form = new MultipartFormDataContent { { new StringContent("animals"), "name" },
            { new ByteArrayContent(zip), "file", "animals.zip" } };
        if (encoding is not null) form.Add(new StringContent(encoding), "encoding");
        return await client.PostAsync("/api/datasets", form);
    }

    private static async Task<HttpResponseMessage> CheckAsync(DatasetBench bench, byte[] zip)
    {
        using var client = bench.App.CreateClient();
        // The list of two or three classes and the end are shorter than this.
        using var body = new ByteArrayContent([.. zip[..64], .. zip[^600..]]);
        return await client.PostAsync(FormattableString.Invariant($"{ZipCheckApi.Path}?bytes={zip.Length}&head=64"), body);
    }

    private static async Task<JsonElement> BodyAsync(HttpResponseMessage answer, HttpStatusCode expected)
    {
        var body = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == expected, body);
        return JsonSerializer.Deserialize<JsonElement>(body);
    }
}
