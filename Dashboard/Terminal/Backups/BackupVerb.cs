using System.CommandLine;
using Dashboard.Processes;
using Dashboard.Storage;
using Dashboard.Storage.Files;
using Dashboard.Terminal.Output;
using Training.Core.Runs;

namespace Dashboard.Terminal.Backups;

/// <summary><c>backup --out FILE</c>: all that a dashboard keeps, in one file, while it runs.</summary>
internal static class BackupVerb
{
    public const string Name = "backup";

    private static readonly Option<string> Out = new("--out") { Description = "File to write; must not exist.", Required = true };

    public static Command Create()
    {
        var command = new Command(Name,
            "Copies a dashboard's database and files into one file, while it runs. Settings such as --Dashboard:DataRoot=FOLDER are those "
                + "of the dashboard.") { Out };
        command.TreatUnmatchedTokensAsErrors = false;
        command.SetAction((parsed, cancellationToken) => TerminalErrors.GuardAsync(() =>
        {
            var options = BackupSettings.Of(parsed);
            return BackupSettings.GuardAsync(options, () =>
                RunAsync(options, Path.GetFullPath(parsed.GetRequiredValue(Out)), cancellationToken));
        }));
        return command;
    }

    private static async Task<int> RunAsync(DashboardOptions options, string path, CancellationToken cancellationToken)
    {
        if (Path.Exists(path)) throw new InvalidInputException($"--out: {path} is there already. Name another file.");
        var folder = Path.GetDirectoryName(path)!;
        if (!Directory.Exists(folder)) throw new InvalidInputException($"--out: there is no folder {folder}. Make it first.");
        var maker = new BackupMaker(options, TimeProvider.System);
        var size = await maker.SizeAsync(cancellationToken);
        if (DiskSpace.FreeAt(folder) is { } free)
        {
            await Console.Error.WriteLineAsync($"The backup needs up to {ByteSize.Text(size)}; {ByteSize.Text(free)} are free at "
                + $"{folder}.");
            if (free < size) throw new InvalidInputException("That is not enough. Free some space, or name a file on another disk.");
        }
        var progress = new BackupProgress("Copying", size);
        var manifest = await maker.MakeAsync(path, progress, cancellationToken);
        progress.Done();
        foreach (var outside in manifest.Outside)
            await Console.Error.WriteLineAsync($"Not in it: {outside}, a dataset that lies outside the data root. Copy it yourself, to "
                + "the same place.");
        await Console.Error.WriteLineAsync("Also not in it: thumbnails and caches, which are made anew, and the keys of sign-ins: after a "
            + "restore everybody signs in again.");
        await Console.Out.WriteLineAsync($"{path}: {manifest.Entries.Count} files, {ByteSize.Text(new FileInfo(path).Length)}");
        return ExitCode.Done;
    }
}
