using System.Net;

namespace Dashboard.Storage.Files;

/// <summary>What of a transfer is worth another try: what may go by itself, of the network or of the server at its other end.</summary>
internal static class TransferFailure
{
    public static bool IsPassing(Exception failure) => failure is HttpRequestException or HttpIOException or TaskCanceledException;

    /// <summary>Whether a server that answers so may answer otherwise in a moment: it is slow, busy, or in trouble.</summary>
    public static bool IsPassing(HttpStatusCode status) => (int)status is 408 or 425 or 429 or >= 500;
}

/// <summary>A transfer that can go on, or begin anew, with another try.</summary>
/// <param name="status">Of a server that answered, but not as it should; null: nothing came any more.</param>
internal sealed class BrokenTransferException(string message, Exception? inner = null, HttpStatusCode? status = null)
    : HttpRequestException(message, inner, status);
