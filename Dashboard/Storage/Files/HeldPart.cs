using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;

namespace Dashboard.Storage.Files;

/// <summary>
/// What has come so far of a file, which nobody else can open now: takes what follows from a server's answer to a request for the rest.
/// </summary>
/// <param name="mark">The file beside it that says which version of the server's file it is of, as an If-Range header says it.</param>
internal sealed class HeldPart(FileStream content, string mark)
{
    public FileStream Content => content;

    /// <summary>Bytes that are here.</summary>
    public long Length => content.Length;

    /// <summary>Bytes of the whole file, as the last answer had it; null when that didn't say.</summary>
    public long? Total { get; private set; }

    /// <summary>The condition under which the rest may be asked for; null when it isn't known what the part is of.</summary>
    public RangeConditionHeaderValue? Version =>
        File.Exists(mark) && RangeConditionHeaderValue.TryParse(File.ReadAllText(mark), out var condition) ? condition : null;

    /// <summary>
    /// Remembers, for a later try or process, what the server calls the file of which the first bytes come now. Needed where the name
    /// doesn't say the content.
    /// </summary>
    public void KeepVersion(HttpResponseMessage response)
    {
        var version = response.Headers.ETag is { IsWeak: false } tag ? new RangeConditionHeaderValue(tag)
            : response.Content.Headers.LastModified is { } date ? new RangeConditionHeaderValue(date) : null;
        if (version is not null) File.WriteAllText(mark, version.ToString());
    }

    /// <summary>Begins anew.</summary>
    public void Clear()
    {
        content.SetLength(0);
        File.Delete(mark);
    }

    /// <summary>
    /// Stands where the bytes of an answer belong: after what is here, or at the beginning when all of the file comes, as from a server
    /// that takes no ranges or has another file now.
    /// </summary>
    /// <param name="response">To a request for what follows on <see cref="Length"/>, or for all.</param>
    /// <exception cref="BrokenTransferException">It has neither; the part is empty again.</exception>
    public void Fit(HttpResponseMessage response)
    {
        var range = response.Content.Headers.ContentRange;
        var isPart = response.StatusCode == HttpStatusCode.PartialContent;
        if (!isPart || range?.From != Length) Clear();
        if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
            throw new BrokenTransferException("The server's file is shorter than what is here.", status: response.StatusCode);
        if (isPart && range?.From != Length)
            throw new BrokenTransferException("The server sent another part than it was asked for.", status: response.StatusCode);
        Total = isPart ? range!.Length : response.Content.Headers.ContentLength;
        content.Seek(0, SeekOrigin.End);
    }

    /// <summary>Takes the bytes of an answer that <see cref="Fit"/> has looked at.</summary>
    /// <param name="silence">Whoever sends nothing for so long has forgotten us.</param>
    /// <param name="arrived">Gets <see cref="Length"/> after each piece.</param>
    /// <exception cref="BrokenTransferException">Not all came; what did stays.</exception>
    public async Task TakeAsync(
        HttpResponseMessage response, TimeSpan silence, TimeProvider time, Action<long>? arrived, CancellationToken cancellationToken)
    {
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        using var silent = new CancellationTokenSource(silence, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, silent.Token);
        await StreamCopy.CopyAsync(ReadAsync, content, _ => arrived?.Invoke(Length), cancellationToken);
        if (Length < Total) throw Broken(null);

        async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken _)
        {
            try
            {
                silent.CancelAfter(silence);
                return await body.ReadAsync(buffer, either.Token);
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested
                && e is IOException or HttpRequestException or OperationCanceledException)
            {
                throw Broken(e);
            }
            finally
            {
                // The time a full disk or a slow one takes is not the server's.
                silent.CancelAfter(Timeout.InfiniteTimeSpan);
            }
        }
    }

    /// <summary>SHA-256 of what is here, lower-case hex. Stands at the end afterwards.</summary>
    public async Task<string> HashAsync(CancellationToken cancellationToken)
    {
        content.Position = 0;
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(content, cancellationToken));
    }

    private static BrokenTransferException Broken(Exception? cause) => new("The connection broke.", cause);
}
