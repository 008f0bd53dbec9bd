using Dashboard.Datasets.Words;
using Dashboard.Datasets.Zips;
using Dashboard.Storage;
using Dashboard.Storage.Files;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using Training.Core.Data.Encodings;

namespace Dashboard.Datasets.Imports;

/// <summary>Streams the multipart upload of a zip straight to the disk of the data root.</summary>
internal sealed class UploadReader(IOptions<DashboardOptions> options, DataRoot root)
{
    private const int MaxFieldBytes = 4096;

    /// <summary>Room for the boundaries and the name beside the file.</summary>
    private const long Overhead = 64 << 10;

    /// <param name="checkName">Called as soon as the name is known: a bad one shouldn't cost an upload.</param>
    /// <exception cref="DatasetException">Too large, the disk is full, no file, cut off; nothing of it is left.</exception>
    public async Task<Upload> ReadAsync(HttpRequest request, Func<string, Task> checkName, CancellationToken cancellationToken)
    {
        root.ThrowIfLost();
        RequireRoom(request.ContentLength);
        // Counted here, with an error that says more.
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } feature)
            feature.MaxRequestBodySize = null;
        var boundary = MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
            ? HeaderUtilities.RemoveQuotes(type.Boundary).Value : null;
        if (string.IsNullOrEmpty(boundary)) throw ZipContents.Bad(UploadWords.NoBoundary);
        var upload = new Upload();
        try
        {
            await ReadPartsAsync(new MultipartReader(boundary, request.Body), upload, checkName, cancellationToken);
            if (upload.Zip is null) throw ZipContents.Bad(UploadWords.NoFile);
            return upload;
        }
        catch (Exception exception)
        {
            upload.Dispose();
            if (exception is DatasetException or OperationCanceledException) throw;
            if (exception is BadHttpRequestException or EndOfStreamException or InvalidDataException
                || cancellationToken.IsCancellationRequested)
                throw ZipContents.Bad(UploadWords.CutOff);
            if (UploadFiles.Explain(exception, options.Value.DatasetsFolder) is { } explained) throw explained;
            throw;
        }
    }

    private async Task ReadPartsAsync(
        MultipartReader reader, Upload upload, Func<string, Task> checkName, CancellationToken cancellationToken)
    {
        while (await reader.ReadNextSectionAsync(cancellationToken) is { } section)
        {
            if (!ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var part)) continue;
            var field = HeaderUtilities.RemoveQuotes(part.Name).Value;
            if (field == "name")
            {
                upload.Name = await ReadFieldAsync(section.Body, cancellationToken);
                await checkName(upload.Name);
            }
            else if (field == "encoding")
            {
                upload.Encoding = EncodingOf(await ReadFieldAsync(section.Body, cancellationToken));
            }
            else if (field == "file" && part.IsFileDisposition() && upload.Zip is null)
            {
                upload.Zip = new ArrivingFile(UploadFiles.NewIncoming(options.Value));
                await SaveAsync(section.Body, upload.Zip, cancellationToken);
            }
        }
    }

    /// <summary>Nothing typed: the zip is asked, and what it doesn't say is found out.</summary>
    internal static NameEncoding? EncodingOf(string typed) => string.IsNullOrWhiteSpace(typed) ? null
        : NameEncoding.Find(typed) ?? throw new DatasetException("encoding",
            UploadWords.EncodingUnknown(typed, NameEncoding.Known.Select(known => known.Name)));

    private static async Task<string> ReadFieldAsync(Stream body, CancellationToken cancellationToken)
    {
        var bytes = new byte[MaxFieldBytes];
        var length = await body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken);
        return System.Text.Encoding.UTF8.GetString(bytes, 0, length);
    }

    private Task SaveAsync(Stream body, ArrivingFile zip, CancellationToken cancellationToken)
    {
        long taken = 0;
        return zip.ReceiveAsync(body, piece =>
        {
            taken += piece.Length;
            if (taken > options.Value.MaxUploadBytes) throw TooLarge();
        }, cancellationToken);
    }

    private void RequireRoom(long? announced)
    {
        if (announced is not { } bytes) return;
        if (bytes - Overhead > options.Value.MaxUploadBytes) throw TooLarge();
        var free = UploadFiles.FreeBytes(options.Value.DatasetsFolder);
        if (bytes > free) throw ZipContents.Bad(UploadWords.NoRoom(bytes, free));
    }

    private DatasetException TooLarge() => ZipContents.Bad(UploadWords.TooLarge(options.Value.MaxUploadBytes));
}

/// <summary>A zip that was received; what nobody takes over is deleted by <see cref="Dispose"/>.</summary>
internal sealed class Upload : IDisposable
{
    public string Name { get; set; } = "";

    /// <summary>Of the names in the zip; null: not said.</summary>
    public NameEncoding? Encoding { get; set; }

    public ArrivingFile? Zip { get; set; }

    public void Dispose() => Zip?.Dispose();
}
