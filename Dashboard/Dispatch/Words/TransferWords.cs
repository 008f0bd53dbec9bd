using System.Globalization;

namespace Dashboard.Dispatch.Words;

/// <summary>What people read of the files that go between a machine and its dashboard.</summary>
internal static class TransferWords
{
    public const string NeedsSecret = "Show the secret of the machine or of the attempt: Authorization: Bearer …";

    public const string DataRoot = "the data root of the dashboard";

    public const string ImagesFolder = "the folder of the run's images";

    public const string ConnectionClosed = "The connection was closed.";

    public static string NotBrought(string why) => $"What the run needs could not be brought to this machine: {why}";

    public static string ContentUnknown(string path) =>
        $"The content of {path} isn't known. Look through the dataset again, then start a new run.";

    public static string FetchesImages(int done, int count) =>
        string.Create(CultureInfo.InvariantCulture, $"Fetching images: {done:N0} of {count:N0}");

    /// <param name="why">Without its full stop.</param>
    /// <param name="since">By the clock of who reads it.</param>
    public static string Since(string why, DateTimeOffset since) =>
        string.Create(CultureInfo.InvariantCulture, $"{why}, since {since:HH:mm:ss}");

    /// <param name="trouble"><see cref="Since"/>.</param>
    public static string AskedAgain(string trouble) => $"{trouble}. It is asked again and again";

    /// <param name="trouble"><see cref="Since"/>.</param>
    public static string GaveUp(string trouble, TimeSpan after) => string.Create(CultureInfo.InvariantCulture,
        $"{trouble}. It was asked again for {after.TotalMinutes:0} minutes; see the dashboard's log.");

    /// <param name="why">Without its full stop: since when follows.</param>
    public static string NotReached(string why) => $"The dashboard can't be reached: {why}";

    public static string NotAllowed(string what, int status, string words) =>
        $"The dashboard doesn't let this machine have {what} ({status}): {words} If it was removed, join it again with a new token of the "
            + "Machines page.";

    public static string NotThere(string what, int status, string words) =>
        $"The dashboard doesn't have what the run needs, {what} ({status}): {words}";

    public static string Answered(string what, int status, string words) =>
        $"The dashboard answers {status} when asked for {what}: {words}";

    public static string Refused(string what, int status, string words) => $"The dashboard refuses {what} ({status}): {words}";

    public static string AnsweredWith(string? path, int status, string words) => $"{path} was answered with {status}: {words}";

    public static string NoFileToFetch(string name) => $"There is no file “{name}” to fetch.";

    public static string NoFileOfARun(string name) => $"“{name}” is no file that a run leaves.";

    public static string TooLong(string name, long mostBytes) => $"“{name}” has a known length of at most {mostBytes >> 20} MB.";

    public static string NoImage(string sha256) => $"The run has no image {sha256}, or its file is gone.";

    public static string OtherHashArrived(string sha256, string header) =>
        $"What arrived has the SHA-256 {sha256}, which {header} doesn't say.";

    public static string FileOfRun(string name, int runId) => string.Create(CultureInfo.InvariantCulture, $"{name} of run {runId}");
}
