using System.CommandLine;
using System.Globalization;
using Dashboard.Processes;
using Dashboard.Storage;
using Dashboard.Storage.Files;
using Dashboard.Terminal.Output;
using Training.Core.Runs;

namespace Dashboard.Terminal.Backups;

/// <summary><c>restore --from FILE</c>: a backup becomes a dashboard again.</summary>
internal static class RestoreVerb
{
    public const string Name = "restore";

    private static readonly Option<string> From = new("--from") { Description = "File that 'backup' wrote.", Required = true };

    public static Command Create()
    {
        var command = new Command(Name,
            "Puts a backup into an empty data root: --Dashboard:DataRoot=FOLDER names it, and --Dashboard:Postgres=… an empty database "
                + "where it was one.") { From };
        command.TreatUnmatchedTokensAsErrors = false;
        command.SetAction((parsed, cancellationToken) => TerminalErrors.GuardAsync(() =>
        {
            var options = BackupSettings.Of(parsed);
            return BackupSettings.GuardAsync(options, () =>
                RunAsync(options, Path.GetFullPath(parsed.GetRequiredValue(From)), cancellationToken));
        }));
        return command;
    }

    private static async Task<int> RunAsync(DashboardOptions options, string path, CancellationToken cancellationToken)
    {
        await using var backup = await BackupReader.OpenAsync(path, cancellationToken);
        var manifest = backup.Manifest;
        await Console.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"A backup of {manifest.DataRoot}, made "
            + $"{manifest.MadeAt:u} by "
            + $"version {manifest.Version}: {manifest.Entries.Count} files, {ByteSize.Text(manifest.Bytes)}."));
        if (DiskSpace.FreeAt(Existing(options.DataRoot)) is { } free && free < manifest.Bytes)
            throw new InvalidInputException($"The disk of {options.DataRoot} has {ByteSize.Text(free)} free, which is not enough. Free "
                + "some space, or name another folder with --Dashboard:DataRoot=FOLDER.");
        // Read twice: all of it is checked before anything is written.
        var progress = new BackupProgress("Checking and restoring", 2 * manifest.Bytes);
        await new BackupRestorer(options, TimeProvider.System).RestoreAsync(backup, progress, cancellationToken);
        progress.Done();
        foreach (var outside in manifest.Outside.Where(folder => !Directory.Exists(folder)))
            await Console.Error.WriteLineAsync($"Not here: {outside}, the folder of a dataset that was not in the backup. Its images are "
                + "shown again when it lies there.");
        await Console.Out.WriteLineAsync($"{options.DataRoot} is restored. What trained when the backup was made is paused: Resume goes "
            + "on from its checkpoint. Start it with the same settings.");
        return ExitCode.Done;
    }

    private static string Existing(string folder)
    {
        var existing = Path.GetFullPath(folder);
        while (!Directory.Exists(existing)) existing = Path.GetDirectoryName(existing)!;
        return existing;
    }
}
