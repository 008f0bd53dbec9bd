using Dashboard.Datasets;
using Dashboard.Datasets.Samples;
using Dashboard.Pages.Wording;
using Dashboard.Runs;
using Microsoft.Extensions.Localization;
using Microsoft.Net.Http.Headers;

namespace Dashboard.Pages.Images;

/// <summary>Images of samples for the pages.</summary>
internal static class ImagesApi
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/thumbs/{datasetId:int}/{sampleId:int}", ThumbnailAsync).ExcludeFromDescription();
        routes.MapGet("/images/{datasetId:int}/{sampleId:int}", FullAsync).ExcludeFromDescription();
    }

    private static Task<IResult> ThumbnailAsync(
        int datasetId, int sampleId, int? run, HttpContext http, DatasetStore store, RunSamples runs, ImageFiles images,
        IStringLocalizer<Words> words) =>
        ServeAsync(datasetId, sampleId, run, http, store, runs, words, async file => file.Sha256.Length > 0
            ? Results.File(await images.ThumbnailAsync(file.FullPath!, file.Sha256, file.Fence), "image/jpeg", entityTag: Tag(file, "t"))
            : Results.Bytes(await images.EncodedAsync(file.FullPath!, "", ImageFiles.ThumbnailSide, file.Fence, http.RequestAborted),
                "image/jpeg"));

    private static Task<IResult> FullAsync(
        int datasetId, int sampleId, int? run, HttpContext http, DatasetStore store, RunSamples runs, ImageFiles images,
        IStringLocalizer<Words> words) =>
        ServeAsync(datasetId, sampleId, run, http, store, runs, words, async file =>
            Results.Bytes(await images.EncodedAsync(file.FullPath!, file.Sha256, ImageFiles.FullSide, file.Fence, http.RequestAborted),
                "image/jpeg", entityTag: Tag(file, "i")));

    private static async Task<IResult> ServeAsync(
        int datasetId, int sampleId, int? run, HttpContext http, DatasetStore store, RunSamples runs, IStringLocalizer<Words> words,
        Func<SampleFile, Task<IResult>> serve)
    {
        if (await store.FileAsync(datasetId, sampleId, http.RequestAborted) is not { } file)
            return Results.Text(words["There is no such image."].Value, statusCode: StatusCodes.Status404NotFound);
        // What a run said is of the picture that it saw, whatever the dataset's newest scan found.
        if (run is { } id && await runs.ContentOfAsync(id, sampleId, http.RequestAborted) is { } seen) file = file with { Sha256 = seen };
        var shown = await AttemptAsync(file, words, serve);
        if (shown.IsMissing && await store.FileElsewhereAsync(datasetId, sampleId, file.Sha256, http.RequestAborted) is { } other
            && await AttemptAsync(other, words, serve) is { IsMissing: false } moved) shown = moved;
        if (shown.Image is null) return Placeholder(http, shown.Trouble);
        // With the right hash in the address the image can never change; without, the browser asks again after a while.
        var known = http.Request.Query["v"].ToString() is { Length: >= 8 } version
            && file.Sha256.StartsWith(version, StringComparison.Ordinal);
        http.Response.Headers.CacheControl = known ? "private, max-age=31536000, immutable" : "private, max-age=300";
        return shown.Image;
    }

    private static async Task<Attempt> AttemptAsync(
        SampleFile file, IStringLocalizer<Words> words, Func<SampleFile, Task<IResult>> serve)
    {
        if (file.FullPath is null) return new Attempt(null, words["File is gone"], IsMissing: true);
        if (file.IsClosed) return new Attempt(null, words["Not open"]);
        try
        {
            return new Attempt(await serve(file), "");
        }
        catch (ImageException error) when (error.HasChanged)
        {
            return new Attempt(null, words["File has changed"], IsMissing: true);
        }
        catch (ImageException)
        {
            return new Attempt(null, words["Image can't be read"]);
        }
        catch (OutsideFenceException)
        {
            return new Attempt(null, words["Not open"]);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return new Attempt(null, words["File is gone"], IsMissing: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return new Attempt(null, words["File can't be read"]);
        }
    }

    private static EntityTagHeaderValue Tag(SampleFile file, string kind) => new($"\"{kind}{file.Sha256}\"");

    /// <summary>A picture that says what is wrong. Its grey can be read on both themes, which an image can't know.</summary>
    private static IResult Placeholder(HttpContext http, string text)
    {
        http.Response.Headers.CacheControl = "no-store";
        var svg = $"""
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 256 256" role="img">
              <rect x="6" y="6" width="244" height="244" rx="12" fill="none" stroke="#7b8494" stroke-width="3" stroke-dasharray="10 8"/>
              <text x="128" y="136" text-anchor="middle" font-family="system-ui, sans-serif" font-size="24" fill="#7b8494">{System.Net.WebUtility.HtmlEncode(text)}</text>
            </svg>
            """;
        return Results.Content(svg, "image/svg+xml");
    }

    /// <param name="Trouble">Why there is no image.</param>
    /// <param name="IsMissing">The picture isn't there; the same one may be elsewhere in the dataset.</param>
    private sealed record Attempt(IResult? Image, string Trouble, bool IsMissing = false);
}
