using System.Globalization;
using System.Text.Json;
using Dashboard.Processes;
using Dashboard.Storage;
using Dashboard.Storage.Files;
using Microsoft.Extensions.Options;
using Training.Core.Data;
using Training.Core.Recipes;
using Training.Core.Runs;

namespace Dashboard.Runs.Artifacts;

/// <summary>
/// Makes and removes the folders of runs, each by one rename, so that a crash leaves a whole folder, none, or one whose name says
/// that it is to be cleaned away at the next start.
/// </summary>
public sealed partial class RunFiles(
    IOptions<DashboardOptions> options, DataRoot root, RunStore runs, DatabaseLocks locks, Guard guard, TimeProvider time,
    ILogger<RunFiles> log)
    : GuardedService("Tidying the folders of runs", guard)
{
    private const string NewPrefix = ".new-", TrashSuffix = ".trash", FormerSuffix = ".former";

    private static readonly TimeSpan Abandoned = TimeSpan.FromDays(1);

    private readonly DateTime _begin = time.GetUtcNow().UtcDateTime;

    private bool _isTidy;

    private string Root => options.Value.RunsFolder;

    /// <summary>Writes what a run starts from to a place of its own; disposing it without <see cref="Staged.MoveTo"/> removes it.</summary>
    internal Staged Stage(Recipe recipe, DatasetManifest manifest)
    {
        root.ThrowIfLost();
        var staged = new Staged(this, Path.Combine(Root, NewPrefix + Guid.NewGuid().ToString("N")));
        try
        {
            new RunFolder(staged.Path).Write(recipe, manifest);
            return staged;
        }
        catch
        {
            staged.Dispose();
            throw;
        }
    }

    /// <summary>Says in a run's manifest where its images are to be read, as long as nobody trains on it.</summary>
    /// <param name="folder">Null: where it says.</param>
    internal void Place(int runId, string? folder, FolderFence fence)
    {
        var path = options.Value.RunFolder(runId).Manifest;
        try
        {
            var before = DatasetManifest.Load(path);
            var after = before with { Root = folder ?? before.Root, Within = fence.Folders };
            if (after.Root != before.Root || (before.Within is null) != (after.Within is null)
                || !(before.Within ?? []).SequenceEqual(after.Within ?? []))
                after.Save(path);
        }
        catch (Exception exception)
            when (exception is FileNotFoundException or DirectoryNotFoundException or JsonException or InvalidDataException)
        {
            LogNotPlaced(exception, runId); // its trainer says what is wrong
        }
    }

    /// <summary>Takes a run's folder out of sight; disposing it without <see cref="Discarded.Confirm"/> puts it back.</summary>
    internal Discarded Discard(int runId)
    {
        var folder = options.Value.RunFolder(runId).Path;
        var trash = folder + TrashSuffix;
        if (Directory.Exists(folder)) Directory.Move(folder, trash);
        return new Discarded(this, folder, trash);
    }

    /// <summary>Before anything trains; what can't be tidied now keeps nothing from starting, and is tried again.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        _isTidy = await Guard.TryAsync(Part, cancellationToken => TidyAsync(DateTime.MaxValue, cancellationToken), cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    protected override async Task WorkAsync(CancellationToken cancellationToken)
    {
        if (!_isTidy) await TidyAsync(_begin, cancellationToken);
    }

    /// <summary>Finishes what a crash interrupted.</summary>
    /// <param name="limit">What is made from then on is none of a crash's.</param>
    private async Task TidyAsync(DateTime limit, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(Root)) return;
        // What another dashboard makes at this moment is younger.
        if (options.Value.IsOneOfSeveral) limit = time.GetUtcNow().UtcDateTime - Abandoned;
        foreach (var unfinished in Directory.EnumerateDirectories(Root, NewPrefix + "*"))
            if (Directory.GetLastWriteTimeUtc(unfinished) < limit) Remove(unfinished);
        await using var turn = await locks.TakeAsync("trash", "what deleted runs left", cancellationToken);
        foreach (var trash in Directory.EnumerateDirectories(Root, "*" + TrashSuffix))
        {
            var name = Path.GetFileName(trash)[..^TrashSuffix.Length];
            if (!int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var runId)) continue;
            var folder = options.Value.RunFolder(runId).Path;
            if (!await runs.RemoveAsync(runId, cancellationToken) && !Directory.Exists(folder)
                && await runs.GetAsync(runId, cancellationToken) is not null)
                // Taken by a trainer between the last look at the run and its deletion.
                Directory.Move(trash, folder);
            else Remove(trash);
        }
    }

    private void Place(string staged, int runId)
    {
        var folder = options.Value.RunFolder(runId).Path;
        if (Directory.Exists(folder))
        {
            // Of another database over the same data root: kept, since somebody made it.
            var former = folder + FormerSuffix + Guid.NewGuid().ToString("N")[..8];
            Directory.Move(folder, former);
            LogFormer(folder, former);
        }
        Directory.Move(staged, folder);
    }

    private void Remove(string folder)
    {
        try
        {
            if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            LogNotRemoved(exception, folder);
        }
    }

    [LoggerMessage(LogLevel.Warning, "{Folder} was in the way of a new run and is now {Former}")]
    private partial void LogFormer(string folder, string former);

    [LoggerMessage(LogLevel.Warning, "The list of images of run {RunId} can't be read")]
    private partial void LogNotPlaced(Exception exception, int runId);

    [LoggerMessage(LogLevel.Warning, "{Folder} could not be removed; it is tried again at the next start")]
    private partial void LogNotRemoved(Exception exception, string folder);

    internal sealed class Staged(RunFiles files, string path) : IDisposable
    {
        public string Path => path;

        public void MoveTo(int runId) => files.Place(path, runId);

        public void Dispose() => files.Remove(path);
    }

    internal sealed class Discarded(RunFiles files, string folder, string trash) : IDisposable
    {
        private bool _confirmed;

        public void Confirm() => _confirmed = true;

        public void Dispose()
        {
            if (_confirmed) files.Remove(trash);
            else if (Directory.Exists(trash)) Directory.Move(trash, folder);
        }
    }
}
