using System.Text.Json;
using Dashboard.Dispatch.Slurm;
using Dashboard.Dispatch.Trainers;
using Dashboard.Dispatch.Words;
using Dashboard.Processes;
using Dashboard.Protocol;
using Dashboard.Storage;
using Microsoft.Extensions.Options;
using Training.Core.Runs;

namespace Dashboard.Dispatch.Clusters;

/// <summary>
/// Tries a cluster's settings with a real job: whether Slurm takes and starts it, and whether its node has what a trainer needs.
/// </summary>
public sealed class ClusterTest(IOptions<DashboardOptions> options, TimeProvider time)
{
    /// <summary>A busy cluster may start it much later; the rest can't be known before.</summary>
    private static readonly TimeSpan StartAtMost = TimeSpan.FromMinutes(2);

    /// <summary>Files written on a node may be seen here some seconds later.</summary>
    private static readonly TimeSpan FilesAtMost = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    /// <param name="settings">Without problems.</param>
    /// <param name="progress">Called with all checks whenever one of them is through.</param>
    /// <returns>All checks, in order; after one that failed those are left out that need it.</returns>
    public async Task<IReadOnlyList<ClusterCheck>> RunAsync(
        ClusterSettings settings, Func<IReadOnlyList<ClusterCheck>, Task>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var checks = ClusterWords.Checks.Select(name => new ClusterCheck(name, null, "")).ToList();
        var folder = Directory.CreateDirectory(
            Path.Combine(Path.GetFullPath(options.Value.DataRoot), "clusters", "test-" + Guid.NewGuid().ToString("N")[..12])).FullName;
        var at = 0;
        try
        {
            await foreach (var words in CheckAsync(settings, folder, cancellationToken))
            {
                checks[at] = checks[at] with { Passed = true, Words = words };
                at++;
                if (progress is not null) await progress([.. checks]);
            }
        }
        catch (Exception e) when (e is SlurmException or IOException or UnauthorizedAccessException)
        {
            checks[at] = checks[at] with { Passed = false, Words = e.Message };
        }
        finally
        {
            Remove(folder);
        }
        return checks;
    }

    private async IAsyncEnumerable<string> CheckAsync(
        ClusterSettings settings, string folder,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var slurm = ClusterSite.Connect(settings, options.Value);
        await slurm.JobsAsync(cancellationToken);
        yield return await slurm.VersionAsync(cancellationToken);

        var question = AttemptToken.Create();
        await File.WriteAllTextAsync(Path.Combine(folder, "question"), question, cancellationToken);
        var answer = await slurm.SubmitAsync(
            ["--job-name=fine-tune-test", "--comment=fine-tune:test", "--chdir=" + folder,
                "--output=" + Path.Combine(folder, "job.log").Replace("%", "%%", StringComparison.Ordinal), .. settings.Placement()],
            Script(settings, folder), cancellationToken);
        if (answer.Refusal is { } refusal) throw new SlurmException(ClusterWords.TestRefused(refusal, SlurmWords.Remedy(refusal)));
        yield return ClusterWords.TestIsJob(answer.Job);

        SlurmJob job;
        try
        {
            job = await BegunAsync(slurm, answer.Job!, cancellationToken);
            yield return ClusterWords.TestRunsOn(job.Node);
            job = await OverAsync(slurm, job, folder, cancellationToken);
        }
        finally
        {
            // Over by now, or not wanted any more.
            await slurm.CancelAsync(answer.Job!, CancellationToken.None);
        }
        if (await ReadAsync(Path.Combine(folder, "answer"), cancellationToken) != question)
            throw new SlurmException(ClusterWords.NoDataRoot(job.Node, options.Value.DataRoot));
        yield return options.Value.DataRoot;

        if (await ReadAsync(Path.Combine(folder, NodeTest.ResultFile), cancellationToken) is not { } text
            || JsonSerializer.Deserialize<NodeResult>(text, CoreJson.Options) is not { } result)
            throw new SlurmException(ClusterWords.NoProgram(AppContext.BaseDirectory, job.Node, SlurmWords.State(job.State, job.Reason),
                TrainerDeath.Tail(Path.Combine(folder, "job.log"), attempt: 0)));
        if (result.Version != ProgramVersion.Text)
            throw new SlurmException(ClusterWords.OtherVersion(job.Node, result.Version, ProgramVersion.Text));
        yield return ClusterWords.Version(result.Version);

        if (result.ServerProblem.Length > 0)
            throw new SlurmException(ClusterWords.DashboardNotReached(job.Node, settings.Server, result.ServerProblem));
        yield return settings.Server;

        if (result.TorchProblem.Length > 0) throw new SlurmException(ClusterWords.LibtorchNotLoaded(job.Node, result.TorchProblem));
        yield return result.Device == "cpu" && settings.Device != "cpu" ? ClusterWords.OnProcessor : ClusterWords.ComputesOn(result.Device);
    }

    private string Script(ClusterSettings settings, string folder)
    {
        List<string> arguments = [NodeTest.FolderArgument, folder, NodeTest.ServerArgument, settings.Server];
        var libtorch = options.Value.LibtorchFolder is { Length: > 0 } named ? Path.GetFullPath(named) : null;
        if (libtorch is not null) arguments.AddRange([TrainerOptions.LibtorchArgument, libtorch]);
        var start = OwnExecutable.Start(NodeTest.Name, arguments);
        var path = "";
        if (libtorch is not null)
        {
            new LibtorchFolder(libtorch).Prepare(start, options.Value.CacheFolder);
            path = $"export {LibtorchFolder.SearchPath}={SlurmConnection.Quote(start.Environment[LibtorchFolder.SearchPath]!)}\n";
        }
        return $"#!/bin/sh\n{path}cp {SlurmConnection.Quote(Path.Combine(folder, "question"))} "
            + $"{SlurmConnection.Quote(Path.Combine(folder, "answer"))} || exit 3\n"
            + $"exec {string.Join(' ', new[] { start.FileName }.Concat(start.ArgumentList).Select(SlurmConnection.Quote))}\n";
    }

    private async Task<SlurmJob> BegunAsync(SlurmClient slurm, string id, CancellationToken cancellationToken)
    {
        var begin = time.GetTimestamp();
        while (true)
        {
            var job = await FindAsync(slurm, id, cancellationToken);
            if (!job.IsPending) return job;
            if (time.GetElapsedTime(begin) > StartAtMost)
                throw new SlurmException(
                    ClusterWords.TestStillWaits(SlurmWords.State(job.State, job.Reason), SlurmWords.Waiting(job.Reason)));
            await Task.Delay(Look, time, cancellationToken);
        }
    }

    private async Task<SlurmJob> OverAsync(SlurmClient slurm, SlurmJob job, string folder, CancellationToken cancellationToken)
    {
        var begin = time.GetTimestamp();
        while (!job.IsOver && !File.Exists(Path.Combine(folder, NodeTest.ResultFile)) && time.GetElapsedTime(begin) < StartAtMost)
        {
            await Task.Delay(Look, time, cancellationToken);
            job = await FindAsync(slurm, job.Id, cancellationToken);
        }
        return job;
    }

    private static async Task<SlurmJob> FindAsync(SlurmClient slurm, string id, CancellationToken cancellationToken) =>
        (await slurm.JobsAsync(cancellationToken)).FirstOrDefault(job => job.Id == id)
        ?? throw new SlurmException(ClusterWords.TestIsGone(id));

    private async Task<string?> ReadAsync(string path, CancellationToken cancellationToken)
    {
        for (var begin = time.GetTimestamp(); !File.Exists(path); await Task.Delay(Look, time, cancellationToken))
            if (time.GetElapsedTime(begin) > FilesAtMost) return null;
        return await File.ReadAllTextAsync(path, cancellationToken);
    }

    private static void Remove(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (IOException)
        {
            // A job that only now writes there; what stays is a few bytes.
        }
    }
}

/// <param name="Passed">Null: not reached.</param>
/// <param name="Words">What was found, or what is wrong and what to do.</param>
public sealed record ClusterCheck(string Name, bool? Passed, string Words);
