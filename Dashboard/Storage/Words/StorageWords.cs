using System.Globalization;
using Training.Core.Runs;

namespace Dashboard.Storage.Words;

/// <summary>
/// What people read of data root, disk and database, here only: each sentence is a member that is named after what it says and takes its
/// values. A place is what <see cref="DataRoot"/> and its like say.
/// </summary>
internal static class StorageWords
{
    public const string DatabaseSilent =
        "The database doesn't answer, so this was not done. Try again when it is back; what trains goes on meanwhile.";

    public const string AnotherProcess = "another process";

    public static string OtherContentCame(string sha256) =>
        $"What the dashboard sent as {sha256[..12]}… has another content. Look through the dataset again: a file has changed since.";

    public static string DataRoot(string folder) => $"the data root {folder}";

    public static string Database(string file) => $"the database {file}";

    /// <param name="server">Host, port and name.</param>
    public static string PostgresDatabase(string server) => $"the PostgreSQL database {server} (setting Dashboard:Postgres)";

    public static string Process(int id, DateTime start) =>
        string.Create(CultureInfo.InvariantCulture, $"process {id}, since {start.ToUniversalTime():u}");

    public static string NoRight(string place) =>
        $"{Begin(place)} can't be written: the account that runs the dashboard has no right to. Change its owner, or choose another "
            + "folder with --Dashboard:DataRoot=FOLDER.";

    public static string DiskFull(string place) => $"The disk that holds {place} is full. Free some space and try again; nothing was lost.";

    /// <param name="need">What needs how much.</param>
    public static string DiskTooFull(string place, string need) =>
        $"The disk that holds {place} is full: {need}. Free some space and try again; nothing was lost.";

    public static string LockedByAnotherProgram(string place) =>
        $"{Begin(place)} is locked by another program. Close what has it open and start again.";

    public static string CantBeOpened(string place) =>
        $"{Begin(place)} can't be opened for writing. Check its owner and rights, or choose another folder with "
            + "--Dashboard:DataRoot=FOLDER.";

    public static string DatabaseDamaged(string place) =>
        $"{Begin(place)} is damaged or not a database of the dashboard. Put back a copy of it (dashboard.db.before-upgrade-*), or move it "
            + "away to start with an empty one.";

    public static string CantBeUsed(string place, string why) => $"{Begin(place)} can't be used: {why}";

    public static string FolderCantBeUsed(string place, string why) =>
        $"{Begin(place)} can't be used: {why} Choose another folder with --Dashboard:DataRoot=FOLDER.";

    public static string WrittenByNewer(string place, string migration) =>
        $"{Begin(place)} was written by a newer version of the dashboard ({migration}). Start that version, or put back a copy made before "
            + "the upgrade.";

    public static string NotUpgraded(string place, string why) =>
        $"{Begin(place)} could not be upgraded: {why} It is as it was: the former version of the dashboard can go on with it.";

    public static string RestoreUnfinished(string root) =>
        $"A backup was being put back into the data root {root} and that was broken off. Empty the folder and restore again.";

    /// <param name="holder">In words, such as "process 1234, since 2026-03-01 12:00:00Z".</param>
    public static string RootIsTaken(string root, string holder) =>
        $"Another dashboard already uses the data root {root}. It is {holder}. Open that one in the browser, or give this one its own "
            + "folder with --Dashboard:DataRoot=FOLDER. Several dashboards share a folder when all have the settings Dashboard:Postgres "
            + "and Dashboard:Redis.";

    public static string NameIsTaken(string name) =>
        $"Another dashboard of the name “{name}” runs already. Give this one another name with --Dashboard:Name=NAME.";

    public static string RootIsGone(string root) =>
        $"The data root {root} is gone: it was deleted or moved, or its disk is away. Nothing is written there. Put it back or mount its "
            + "disk, or restart the dashboard to begin with an empty one.";

    public static string RootIsReplaced(string root) =>
        $"The data root {root} is another folder than the one this dashboard was started with: it was replaced, or its disk is away. "
            + "Nothing is written there. Put it back or mount its disk; if it was meant, restart the dashboard.";

    public static string DatabaseIsReplaced(string file) =>
        $"The database {file} was deleted or replaced while the dashboard runs. Nothing is written there. Put it back; if it was meant, "
            + "restart the dashboard.";

    public static string DiskSilent(string root) =>
        $"The disk of the data root {root} doesn't answer. What is to be read or written there waits.";

    /// <param name="bytes">That are needed.</param>
    /// <param name="free">Bytes; null when the system doesn't tell.</param>
    public static string Needs(string what, long bytes, long? free) =>
        $"{what} needs {ByteSize.Text(bytes)}{(free is { } known ? $", and {ByteSize.Text(known)} are free" : "")}";

    /// <param name="what">What went wrong, without a full stop.</param>
    public static string Since(string what, DateTimeOffset since) =>
        string.Create(CultureInfo.InvariantCulture, $"{what}, since {since:HH:mm:ss}");

    /// <param name="trouble"><see cref="Since"/>.</param>
    public static string AskedAgain(string trouble) => $"{trouble}. It is asked again and again";

    /// <inheritdoc cref="AskedAgain"/>
    public static string AskedInVain(string trouble, TimeSpan patience) =>
        $"{trouble}. It was asked again for {patience.TotalMinutes:0} minutes; see the dashboard's log.";

    private static string Begin(string place) => char.ToUpperInvariant(place[0]) + place[1..];
}
