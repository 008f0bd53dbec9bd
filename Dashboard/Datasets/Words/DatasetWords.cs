using System.Globalization;

namespace Dashboard.Datasets.Words;

/// <summary>
/// What people read of datasets, here only: each sentence is a member that is named after what it says and takes its values. Rows of the
/// database hold the finished text.
/// </summary>
internal static class DatasetWords
{
    public const string WaitsForItsTurn = "Waits for its turn";

    public const string LooksForImages = "Looking for images";

    public const string UploadIsGone = "The files of this upload are gone. Delete the dataset and upload the zip again.";

    public const string Fault =
        "Something unexpected went wrong. The dashboard's log has the details; scan it again to retry.";

    public const string LayoutWasSaid = "Somebody said how the folder is read.";

    public const string NoImages = "There are no images here. Put JPEG, PNG, BMP or WebP images into one folder per class.";

    public const string MendTheseFirst = "Mend these, then scan again.";

    private const int MostNamed = 5;

    public static string ImagesDrawn(int done, int total) => Text($"{done:N0} of {total:N0} images drawn");

    public static string FilesUnpacked(int done, int total) => Text($"{done:N0} of {total:N0} files unpacked");

    public static string ImagesChecked(int done, int total) => Text($"{done:N0} of {total:N0} images checked");

    public static string NameIsTaken(string by) => $"There is already a dataset “{by}”. Choose another name.";

    public static string IsGone(int datasetId) => $"There is no dataset {datasetId}; it may have been deleted. Choose another one.";

    public static string IsLookedThrough(string dataset, string progress) =>
        $"“{dataset}” is still being looked through ({progress}). Wait until it is ready.";

    public static string CantBeUsed(string dataset, string why) => $"“{dataset}” can't be used: {why}";

    /// <summary>Part of a sentence about a run.</summary>
    public static string ImagesWereDeleted(string dataset) =>
        $"the images of “{dataset}” were deleted. Clone it and choose another dataset.";

    public static string NameWhenDeleted(string dataset, int id) => $"{dataset} (deleted {id})";

    /// <param name="known">What is wrong, in a sentence.</param>
    public static string ScanAgain(string known) => $"{known} Then scan it again.";

    public static string Unexpected(string what) =>
        $"Something unexpected went wrong ({what}). The dashboard's log has the details; scan it again to retry.";

    /// <param name="readings">Ways to read the folder, each with what it gives.</param>
    public static string Question(string message, IEnumerable<(string Layout, string? Summary)> readings, string remedy) =>
        $"{message} {string.Join("; ", readings.Select(reading => $"“{reading.Layout}” gives {reading.Summary}"))}. {remedy}";

    public static string Problem(string message, string remedy) => $"{message} {remedy}";

    public static string MoreProblems(int more, int listed) =>
        Text($"There are {more:N0} more problems; only the first {listed:N0} are listed.");

    /// <param name="message">What is said of each of them.</param>
    public static string OfFiles(int files, string message) => files == 1 ? $"1 file: {message}" : Text($"{files:N0} files: {message}");

    /// <param name="runs">Names; at least one.</param>
    public static string RunsGoOn(IReadOnlyList<string> runs, string dataset) => runs.Count == 1
        ? $"The run {Named(runs)} is queued or training with “{dataset}”. Stop it first, or wait until it has ended."
        : $"The runs {Named(runs)} are queued or training with “{dataset}”. Stop them first, or wait until they have ended.";

    /// <inheritdoc cref="RunsGoOn"/>
    public static string RunsArePaused(IReadOnlyList<string> runs, string dataset) => runs.Count == 1
        ? $"The run {Named(runs)} is paused and goes on with “{dataset}” when it is resumed. Resume it and wait until it has ended, or "
            + "stop it."
        : $"The runs {Named(runs)} are paused and go on with “{dataset}” when they are resumed. Resume them and wait until they have "
            + "ended, or stop them.";

    /// <inheritdoc cref="RunsGoOn"/>
    public static string RunsCanBeResumed(IReadOnlyList<string> runs, string dataset) => runs.Count == 1
        ? $"The run {Named(runs)} was not finished and can be resumed, but not without the images of “{dataset}”. Delete the run first, "
            + "delete the dataset without its files, or add force=true to give the rest of the run up."
        : $"The runs {Named(runs)} were not finished and can be resumed, but not without the images of “{dataset}”. Delete the runs "
            + "first, delete the dataset without its files, or add force=true to give the rest of them up.";

    private static string Named(IReadOnlyList<string> names) =>
        string.Join(", ", names.Take(MostNamed).Select(name => $"“{name}”"))
        + (names.Count > MostNamed ? $" and {names.Count - MostNamed} more" : "");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
