using System.Globalization;
using Training.Core.Runs;

namespace Dashboard.Runs.Words;

/// <summary>What people read of the download of pretrained weights.</summary>
internal static class WeightsWords
{
    public const string AnotherProgramDownloads = "Another program of this computer is downloading it; waiting for that.";

    public const string OtherPartCame = "The server sent another part than it was asked for.";

    public const string ConnectionBroke = "The connection broke.";

    public const string FileIsShorterThere = "The server's file is shorter than what is here.";

    public const string IsChecked = "Checking the file";

    public const string Fault = "The download failed of a fault of the dashboard; its log has the reason.";

    /// <param name="place">A folder.</param>
    public static string Folder(string place) => $"the weights folder {place}";

    public static string TriesAgain(string why, TimeSpan pause) =>
        string.Create(CultureInfo.InvariantCulture, $"{why} Trying again in {pause.TotalSeconds:0} s.");

    /// <param name="free">Bytes.</param>
    /// <param name="needed">Bytes.</param>
    public static string NoRoom(string folder, long free, string file, long needed) =>
        $"The disk that holds {folder} has {ByteSize.Text(free)} free, and {file} needs {ByteSize.Text(needed)}. Free some space and "
            + "try again.";

    public static string ServerAnswered(string host, int code, string? reason) =>
        string.Create(CultureInfo.InvariantCulture, $"{host} answered {code} ({reason}).");

    public static string NotThere(Uri from, string file, string folder) =>
        $"{from} doesn't exist (404). Check the setting Dashboard:WeightsMirror, or put {file} into {folder} by hand.";

    /// <param name="answer"><see cref="ServerAnswered"/>.</param>
    public static string RefusedByServer(string answer, string file, string folder) => $"{answer} Put {file} into {folder} by hand.";

    public static string HostNotFound(Uri from, string file, string folder) =>
        $"{from.Host} isn't found: this computer is offline, or has no name server. Put {file} into {folder} by hand (from {from}), or "
            + "try again when it is online.";

    public static string HostNotReached(Uri from) => $"{from.Authority} can't be reached.";

    /// <param name="found">The first hex digits of its SHA-256.</param>
    /// <param name="expected">The same of the file that was wanted.</param>
    public static string OtherFileCame(Uri from, string file, string found, string expected, string folder) =>
        $"What came from {from} is not {file}: its SHA-256 begins with {found}, expected is {expected}. It was removed. Something on the "
            + $"way changes files, or the mirror has another one; try again, or put the file into {folder} by hand.";

    /// <param name="here">Bytes that have come.</param>
    public static string GaveUpWithPart(string why, int tries, long here) => string.Create(CultureInfo.InvariantCulture,
        $"{why} {tries} tries in a row brought nothing. The {ByteSize.Text(here)} that are here are kept: try again later, it goes on "
            + $"from there.");

    public static string GaveUp(string why, int tries, string file, string folder, Uri from) => string.Create(CultureInfo.InvariantCulture,
        $"{why} {tries} tries in a row brought nothing. Try again later, or put {file} into {folder} by hand (from {from}).");
}
