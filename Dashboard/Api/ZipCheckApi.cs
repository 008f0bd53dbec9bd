using Dashboard.Datasets;
using Dashboard.Datasets.Imports;
using Dashboard.Datasets.Zips;
using Dashboard.Storage;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Training.Core.Data;

namespace Dashboard.Api;

/// <summary>
/// Looks at a zip before it is uploaded: its list of files lies at its end, so a browser that sends that end only learns in a second what
/// would be refused, or asked, after an hour.
/// </summary>
internal static class ZipCheckApi
{
    public const string Path = "/api/datasets/check";

    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost(Path, CheckAsync).WithTags("Datasets")
        .WithName("CheckZip").Accepts<byte[]>("application/octet-stream")
        .WithSummary("Says whether a zip could be taken, from its beginning and its end (the list of files included) alone: bytes is the "
            + "whole zip's size, head how much of the body is its beginning.");

    private static async Task<Results<Ok<ZipCheckView>, ValidationProblem>> CheckAsync(
        HttpRequest request, IOptions<DashboardOptions> options, long bytes, CancellationToken cancellationToken, int head = 0,
        string? encoding = null)
    {
        try
        {
            var known = UploadReader.EncodingOf(encoding ?? "");
            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body, cancellationToken);
            if (head < 0 || head > body.Length || bytes < body.Length)
                throw new DatasetException("bytes", "The zip can't be smaller than what came of it. Send its whole size as bytes.");
            using var contents = ZipContents.Of(new ZipEnds(body.ToArray(), head, bytes), bytes, ZipLimits.Of(options.Value), known);
            return TypedResults.Ok(new ZipCheckView(contents.Files.Count, contents.Bytes, contents.Encoding?.Name, contents.Findings));
        }
        catch (DatasetException exception)
        {
            return DatasetsApi.Refused(exception);
        }
    }

    /// <summary>A file of which only the first and last bytes are here; zeros between them.</summary>
    private sealed class ZipEnds(byte[] known, int head, long length) : Stream
    {
        public override bool CanRead => true;
        public override bool CanSeek => true;
        public override bool CanWrite => false;
        public override long Length => length;
        public override long Position { get; set; }

        private long TailStart => length - (known.Length - head);

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            buffer = buffer[..(int)Math.Clamp(length - Position, 0, buffer.Length)];
            if (Position < head)
            {
                buffer = buffer[..(int)Math.Min(buffer.Length, head - Position)];
                known.AsSpan((int)Position, buffer.Length).CopyTo(buffer);
            }
            else if (Position < TailStart)
            {
                buffer = buffer[..(int)Math.Min(buffer.Length, TailStart - Position)];
                buffer.Clear();
            }
            else
            {
                known.AsSpan((int)(head + Position - TailStart), buffer.Length).CopyTo(buffer);
            }
            Position += buffer.Length;
            return buffer.Length;
        }

        public override long Seek(long offset, SeekOrigin origin) =>
            Position = offset + (origin == SeekOrigin.Begin ? 0 : origin == SeekOrigin.Current ? Position : length);

        public override void Flush()
        {
        }

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}

/// <summary>What a zip would give.</summary>
/// <param name="Files">Without folders and litter.</param>
/// <param name="Bytes">Unpacked.</param>
/// <param name="Encoding">Of its names, as far as it doesn't say it: chosen or guessed; null where it does.</param>
/// <param name="Findings">What is guessed, left out and renamed.</param>
internal sealed record ZipCheckView(int Files, long Bytes, string? Encoding, IReadOnlyList<DatasetProblem> Findings);
