using System.Collections.Concurrent;
using System.Security.Cryptography;
using Dashboard.Access.Doors;
using Dashboard.Dispatch.Words;
using Dashboard.Machines;
using Dashboard.Protocol;
using Dashboard.Runs;
using Dashboard.Storage;
using Dashboard.Storage.Files;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Training.Core.Backbones;
using Training.Core.Data;
using Training.Core.Metrics.Predictions;
using Training.Core.Recipes;
using Training.Core.Runs;

namespace Dashboard.Dispatch.Files;

/// <summary>
/// The files of runs, for the machines that train them: what an attempt reads is fetched from here, what it makes is put here. Needs the
/// machine's secret or the attempt's, and an attempt that is its run's current one.
/// </summary>
internal static class MachineFiles
{
    /// <summary>Before every address here.</summary>
    public const string Prefix = "/api/machines/link";

    /// <summary>The header with a file's SHA-256, lower-case hex.</summary>
    public const string HashHeader = "X-Content-SHA256";

    private const string MachineKey = "machine";

    public static void MapMachineFiles(this IEndpointRouteBuilder routes)
    {
        var link = routes.MapGroup(Prefix + "/runs/{runId:int}/attempts/{attempt:int}").ExcludeFromDescription();
        link.MapGet("/files", ListAsync);
        link.MapGet("/files/{**name}", GetAsync);
        link.MapPut("/files/{**name}", PutAsync);
        link.MapDelete("/checkpoint", DeleteCheckpointAsync);
        link.MapGet("/images/{sha256}", ImageAsync);
        link.MapGet("/weights", WeightsAsync);
    }

    private static Task<IResult> ListAsync(HttpContext context, int runId, int attempt) => WithAsync(context, runId, attempt, folder =>
        Task.FromResult<IResult>(TypedResults.Ok(RunFileNames.ToFetch(folder).Where(RunFileNames.MayBeFetched).ToList())));

    private static Task<IResult> GetAsync(HttpContext context, int runId, int attempt, string name) =>
        WithAsync(context, runId, attempt, folder =>
    {
        var path = RunFileNames.PathOf(folder, name);
        return Task.FromResult(RunFileNames.MayBeFetched(name) && File.Exists(path)
            ? Bytes(path) : Refuse(context, StatusCodes.Status404NotFound, TransferWords.NoFileToFetch(Short(name)), "no file"));
    });

    private static Task<IResult> DeleteCheckpointAsync(HttpContext context, int runId, int attempt) =>
        WithAsync(context, runId, attempt, folder =>
    {
        File.Delete(folder.Checkpoint);
        return Task.FromResult<IResult>(TypedResults.NoContent());
    });

    private static Task<IResult> PutAsync(HttpContext context, int runId, int attempt, string name) =>
        WithAsync(context, runId, attempt, async folder =>
    {
        if (!RunFileNames.MayBeSent(name))
            return Refuse(context, StatusCodes.Status400BadRequest, TransferWords.NoFileOfARun(Short(name)));
        var most = RunFileNames.MostBytes(name);
        if (context.Request.ContentLength is not { } length || length > most)
            return Refuse(context, StatusCodes.Status413PayloadTooLarge, TransferWords.TooLong(name, most));
        context.Features.Get<IHttpMaxRequestBodySizeFeature>()!.MaxRequestBodySize = most;
        var path = RunFileNames.PathOf(folder, name);
        using var arriving = new ArrivingFile($"{path}.{context.Connection.Id}.arriving");
        var disk = context.RequestServices.GetRequiredService<DiskSpace>();
        var what = TransferWords.FileOfRun(name, runId);
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            disk.Require(what, path, length);
            if ((await SaveAsync(context.Request, arriving, context.RequestAborted)
                ?? await CheckAsync(context, runId, folder, name, arriving.Path)) is { } problem)
                return Refuse(context, StatusCodes.Status400BadRequest, problem);
            // Asked again: an attempt that was given up while its file came must not lie over its successor's.
            if (!await IsCurrentAsync(context, runId, attempt)) return Stale(context, runId, attempt);
            arriving.MoveTo(path);
            disk.Done(what);
            return TypedResults.NoContent();
        }
        catch (BadHttpRequestException)
        {
            // Cut off in the middle: nobody is there to read an answer, and what came is thrown away.
            return TypedResults.BadRequest();
        }
        catch (IOException e) when (StorageException.Explain(e, TransferWords.DataRoot) is { } explained)
        {
            if (FullDisk.Is(e)) disk.Refused(what, path, length);
            return Refuse(context, StatusCodes.Status507InsufficientStorage, explained.Message);
        }
    });

    /// <summary>A file that was overwritten since the scan is sent as it is now, and the header says so.</summary>
    private static Task<IResult> ImageAsync(HttpContext context, int runId, int attempt, string sha256) =>
        WithAsync(context, runId, attempt, async folder =>
    {
        var images = context.RequestServices.GetRequiredService<RunImages>();
        var run = images.Of(runId, folder);
        FileStream? found = null;
        var content = "";
        // Of several copies one that is as it was is enough.
        foreach (var path in run.Paths[sha256].TakeWhile(_ => content != sha256))
        {
            try
            {
                var file = new FileStream(run.Fence.Open(path, FileOptions.Asynchronous), FileAccess.Read, bufferSize: 0);
                if (found is not null) await found.DisposeAsync();
                found = file;
                content = Convert.ToHexStringLower(await SHA256.HashDataAsync(file, context.RequestAborted));
            }
            catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException or OutsideFenceException)
            {
                // As if it weren't there.
            }
        }
        if (found is null)
            return Refuse(context, StatusCodes.Status404NotFound, TransferWords.NoImage(Short(sha256)), "no image");
        if (content != sha256) images.Note(folder, sha256, content);
        context.Response.Headers[HashHeader] = content;
        found.Position = 0;
        return Results.File(found, "application/octet-stream", enableRangeProcessing: true);
    });

    /// <summary>The file of pretrained weights that the run reads; no content when it needs none.</summary>
    private static Task<IResult> WeightsAsync(HttpContext context, int runId, int attempt) => WithAsync(context, runId, attempt, folder =>
    {
        var recipe = folder.ReadRecipe();
        if (recipe.Mode == TrainingMode.FromScratch || recipe.StartFrom is not null)
            return Task.FromResult<IResult>(TypedResults.NoContent());
        var weights = context.RequestServices.GetRequiredService<IOptions<DashboardOptions>>().Value.WeightsFolder;
        return Task.FromResult(PretrainedWeights.FileOf(BackboneCatalog.Get(recipe.Backbone), weights) is { } path
            ? Bytes(path, Path.GetFileName(path)) : TypedResults.NoContent());
    });

    /// <summary>Range requests are answered, so that a transfer that broke off goes on where it was.</summary>
    private static IResult Bytes(string path, string? name = null) =>
        Results.File(path, "application/octet-stream", name, enableRangeProcessing: true);

    /// <returns>What is wrong with what came; null when it lies there whole.</returns>
    private static async Task<string?> SaveAsync(HttpRequest request, ArrivingFile arriving, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await arriving.ReceiveAsync(request.Body, piece => hash.AppendData(piece.Span), cancellationToken);
        var sum = Convert.ToHexStringLower(hash.GetHashAndReset());
        return request.Headers[HashHeader] == sum ? null : TransferWords.OtherHashArrived(sum, HashHeader);
    }

    /// <summary>Pages read predictions as they are: those that can't be of this run are not taken.</summary>
    private static async Task<string?> CheckAsync(HttpContext context, int runId, RunFolder folder, string name, string arrived)
    {
        if (!RunFileNames.IsPredictions(name)) return null;
        var run = context.RequestServices.GetRequiredService<RunImages>().Of(runId, folder);
        try
        {
            await PredictionFile.ReadAsync(arrived, run.Classes, run.Samples, context.RequestAborted);
            return null;
        }
        catch (InvalidDataException e)
        {
            return ForeignText.Line(e.Message.Replace(arrived, $"“{name}”", StringComparison.Ordinal));
        }
    }

    private static async Task<IResult> WithAsync(HttpContext context, int runId, int attempt, Func<RunFolder, Task<IResult>> answer)
    {
        if (await WhoAsync(context, runId, attempt) is not { } allowed)
            return Refuse(context, StatusCodes.Status401Unauthorized, TransferWords.NeedsSecret);
        if (!allowed) return Stale(context, runId, attempt);
        context.RequestServices.GetRequiredService<DataRoot>().ThrowIfLost();
        return await answer(context.RequestServices.GetRequiredService<IOptions<DashboardOptions>>().Value.RunFolder(runId));
    }

    private static async Task<bool> IsCurrentAsync(HttpContext context, int runId, int attempt) =>
        await WhoAsync(context, runId, attempt) == true;

    /// <summary>Null: a stranger. false: the attempt is over.</summary>
    private static async Task<bool?> WhoAsync(HttpContext context, int runId, int attempt)
    {
        const string scheme = "Bearer ";
        var header = context.Request.Headers.Authorization.ToString();
        if (!header.StartsWith(scheme, StringComparison.Ordinal)) return null;
        var secret = header[scheme.Length..];
        var services = context.RequestServices;
        var machine = await services.GetRequiredService<MachineStore>().AuthenticateAsync(secret, context.RequestAborted);
        context.Items[MachineKey] = machine?.Name;
        if (await services.GetRequiredService<RunStore>().AttemptAsync(runId, attempt, context.RequestAborted) is not var (run, row))
            return null;
        if (AttemptToken.Matches(secret, row.TokenHash)) context.Items[MachineKey] = row.Machine;
        else if (machine is null || machine.Name != row.Machine) return null;
        return run.Attempt == attempt && run.State.IsLive();
    }

    private static ProblemHttpResult Stale(HttpContext context, int runId, int attempt) => Refuse(context, StatusCodes.Status409Conflict,
        HubWords.AttemptOver(runId, attempt));

    /// <param name="reason">What stands in the log once of one sender; null: the words. A fetch asks for thousands of images, and what
    /// refuses one of them mostly refuses all.</param>
    private static ProblemHttpResult Refuse(HttpContext context, int status, string words, string? reason = null)
    {
        var who = context.Items[MachineKey] as string ?? "Somebody";
        var (address, path) = (context.Connection.RemoteIpAddress?.ToString() ?? "an unknown address",
            ForeignText.Line(context.Request.Path));
        if (context.RequestServices.GetRequiredService<RefusalLog>().IsNew($"{who} {address} {context.Request.Method} {reason ?? words}"))
            context.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(MachineFiles))
                .LogRefused(who, address, context.Request.Method, path, words);
        return TypedResults.Problem(words, statusCode: status);
    }

    private static string Short(string? text) => ForeignText.Line(text, 100);
}

internal static partial class MachineFilesLog
{
    [LoggerMessage(LogLevel.Warning, "{Machine} at {Address}: {Method} of {Path} was refused: {Words}")]
    public static partial void LogRefused(this ILogger logger, string machine, string address, string method, string path, string words);
}

/// <param name="Paths">Where its images lie, by content.</param>
/// <param name="Fence">What may be opened of them.</param>
/// <param name="Classes">How many.</param>
/// <param name="Samples">How many.</param>
internal sealed record RunContent(ILookup<string, string> Paths, FolderFence Fence, int Classes, int Samples);

/// <summary>What runs train on. Keeps the last few runs' in memory. Thread-safe.</summary>
internal sealed class RunImages
{
    private const int MostRuns = 8;
    private readonly Lock _writing = new();
    private readonly ConcurrentDictionary<int, RunContent> _runs = new();

    /// <summary>
    /// The run's samples.json says of the samples of one content that their file holds another: the review shows pictures by it.
    /// </summary>
    public void Note(RunFolder folder, string expected, string found)
    {
        lock (_writing)
        {
            var manifest = DatasetManifest.Load(folder.Manifest);
            var changed = manifest.Samples.Where(sample => sample.Sha256 == expected)
                .ToDictionary(sample => sample.Path, _ => found, StringComparer.Ordinal);
            if (changed.Count > 0) manifest.With(changed).Save(folder.Manifest);
        }
    }

    public RunContent Of(int runId, RunFolder folder)
    {
        if (_runs.Count > MostRuns) _runs.Clear();
        return _runs.GetOrAdd(runId, _ =>
        {
            var manifest = DatasetManifest.Load(folder.Manifest);
            var paths = manifest.Samples.ToLookup(sample => sample.Sha256, manifest.FullPath, StringComparer.Ordinal);
            return new RunContent(paths, manifest.Fence, manifest.Classes.Count, manifest.Samples.Count);
        });
    }
}
