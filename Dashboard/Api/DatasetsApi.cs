using System.Globalization;
using System.Text.Json;
using Dashboard.Access.Visitors;
using Dashboard.Api.Views;
using Dashboard.Datasets;
using Dashboard.Datasets.Imports;
using Dashboard.Datasets.Zips;
using Microsoft.AspNetCore.Http.HttpResults;
using Training.Core.Data;
using Training.Core.Data.Folders;

namespace Dashboard.Api;

/// <summary>REST of datasets.</summary>
internal static class DatasetsApi
{
    private const int DefaultPageSize = 100, MaxPageSize = 1000;

    public static void Map(IEndpointRouteBuilder routes)
    {
        var datasets = routes.MapGroup("/api/datasets").WithTags("Datasets");
        datasets.MapGet("", ListAsync).WithName("ListDatasets").WithSummary("All datasets, newest first, without their problems.");
        datasets.MapPost("", AddAsync).WithName("AddDataset")
            .WithSummary("Adds a folder of the server (JSON) or a zip (multipart form with name, file and, where a zip doesn't say it, "
                + "the encoding of its names; "
                + "layout in the query); it is scanned in the background.")
            .Accepts<AddFolderRequest>("application/json", "multipart/form-data");
        datasets.MapGet("/{id:int}", GetAsync).WithName("GetDataset").WithSummary("State, classes with counts, and problems of a dataset.");
        datasets.MapDelete("/{id:int}", DeleteAsync).WithName("DeleteDataset")
            .WithSummary("Removes a dataset. Files of an upload stay while ended runs show them, unless withFiles is true; a folder's "
                + "files always stay. "
                + "409 names the runs that go on with it: queued, training, paused, or with withFiles stopped ones that can be resumed, "
                + "unless force is true.")
            .ProducesProblem(StatusCodes.Status409Conflict);
        datasets.MapPost("/{id:int}/rescan", RescanAsync).WithName("RescanDataset")
            .WithSummary("Looks through the files again; samples keep their ids by path. A layout answers how the folder is to be read; "
                + "auto forgets the answer.")
            .Accepts<RescanRequest>(isOptional: true, "application/json");
        datasets.MapGet("/{id:int}/samples", SamplesAsync).WithName("ListSamples")
            .WithSummary("Samples in path order, by class index and split, in pages from 1.");
    }

    private static async Task<Ok<List<DatasetView>>> ListAsync(DatasetStore store, CancellationToken cancellationToken) =>
        TypedResults.Ok((await store.ListAsync(cancellationToken)).Select(row => DatasetView.Of(row, store, withProblems: false)).ToList());

    private static async Task<Results<Ok<DatasetView>, ProblemHttpResult>> GetAsync(
        int id, HttpContext context, DatasetStore store, AllowedFolders folders, CancellationToken cancellationToken)
    {
        if (await store.GetAsync(id, cancellationToken) is not { } row) return NoDataset(id);
        var view = DatasetView.Of(row, store, withProblems: true);
        return TypedResults.Ok(folders.MayName(row, Visitor.Of(context.User))
            ? view : view.WithoutNames());
    }

    private static async Task<Results<Created<DatasetView>, ValidationProblem, ProblemHttpResult>> AddAsync(
        HttpRequest request, DatasetStore store, UploadReader uploads, CancellationToken cancellationToken)
    {
        try
        {
            var row = request.HasFormContentType ? await ReceiveAsync(request, store, uploads, cancellationToken)
                : request.HasJsonContentType() ? await AddFolderAsync(request, store, cancellationToken)
                : null;
            return row is null
                ? TypedResults.Problem("Send {\"name\", \"path\"} as application/json, or name and file as multipart/form-data.",
                    statusCode: StatusCodes.Status415UnsupportedMediaType)
                : TypedResults.Created(string.Create(CultureInfo.InvariantCulture, $"/api/datasets/{row.Id}"),
                    DatasetView.Of(row, store, withProblems: true));
        }
        catch (DatasetException exception)
        {
            return Refused(exception);
        }
    }

    /// <summary>Where nobody can know how a zip's names are to be read, "previews" has the ways.</summary>
    internal static ValidationProblem Refused(DatasetException exception) => TypedResults.ValidationProblem(
        Errors(exception), extensions: exception is UnclearNamesException unclear ? [new("previews", unclear.Previews)] : null);

    private static async Task<Storage.DatasetRow> AddFolderAsync(
        HttpRequest request, DatasetStore store, CancellationToken cancellationToken)
    {
        try
        {
            var wanted = await request.ReadFromJsonAsync<AddFolderRequest>(cancellationToken);
            return await store.AddFolderAsync(
                wanted?.Name ?? "", wanted?.Path ?? "", Visitor.Of(request.HttpContext.User), Layout(wanted?.Layout), cancellationToken);
        }
        catch (JsonException)
        {
            throw new DatasetException("body", "The body is not the JSON that is expected. Send {\"name\": \"…\", \"path\": \"/…\"}.");
        }
    }

    private static async Task<Storage.DatasetRow> ReceiveAsync(
        HttpRequest request, DatasetStore store, UploadReader uploads, CancellationToken cancellationToken)
    {
        var layout = Layout(request.Query["layout"]);
        using var upload = await uploads.ReadAsync(request, name => store.CheckNameAsync(name, cancellationToken), cancellationToken);
        return await store.AddUploadAsync(upload.Name, upload.Zip!.Path, upload.Encoding, layout, cancellationToken);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(
        int id, DatasetStore store, CancellationToken cancellationToken, bool withFiles = false, bool force = false)
    {
        try
        {
            return await store.DeleteAsync(id, withFiles, force, cancellationToken) ? TypedResults.NoContent() : NoDataset(id);
        }
        catch (DatasetException exception)
        {
            return TypedResults.Problem(exception.Message, statusCode: StatusCodes.Status409Conflict,
                extensions: [new("errors", Errors(exception))]);
        }
    }

    private static async Task<Results<AcceptedAtRoute, ValidationProblem, ProblemHttpResult>> RescanAsync(
        int id, HttpRequest request, DatasetStore store, CancellationToken cancellationToken)
    {
        try
        {
            var asked = request.HasJsonContentType() && request.ContentLength != 0
                ? await request.ReadFromJsonAsync<RescanRequest>(cancellationToken) : null;
            var layout = asked?.Layout is { } text ? Layout(text) : null;
            return await store.RescanAsync(id, layout, cancellationToken)
                ? TypedResults.AcceptedAtRoute("GetDataset", new { id }) : NoDataset(id);
        }
        catch (JsonException)
        {
            return TypedResults.ValidationProblem(Errors(new DatasetException("body", "The body is not the JSON that is expected. Send "
                + "{\"layout\": \"…\"}, or none.")));
        }
        catch (DatasetException exception)
        {
            return TypedResults.ValidationProblem(Errors(exception));
        }
    }

    private static LayoutChoice Layout(string? text)
    {
        try
        {
            return LayoutChoice.Parse(text);
        }
        catch (FormatException exception)
        {
            throw new DatasetException("layout", exception.Message);
        }
    }

    private static async Task<Results<Ok<SamplesView>, ValidationProblem, ProblemHttpResult>> SamplesAsync(
        int id, HttpContext context, DatasetStore store, AllowedFolders folders, CancellationToken cancellationToken,
        string? label = null, string? split = null, string? page = null, string? pageSize = null)
    {
        if (await store.GetAsync(id, cancellationToken) is not { } row) return NoDataset(id);
        if (!AllowedFolders.IsHere(Visitor.Of(context.User)) && folders.Closed(row) is { } closed)
            return TypedResults.Problem(closed, statusCode: StatusCodes.Status403Forbidden, title: "Not open to other computers");
        var errors = new Dictionary<string, string[]>();
        var ofLabel = Number("label", label, 0, row.Classes.Count - 1, null, errors);
        var ofSplit = split is null ? null : Word(split, errors);
        var number = Number("page", page, 1, int.MaxValue, 1, errors)!.Value;
        var size = Number("pageSize", pageSize, 1, MaxPageSize, DefaultPageSize, errors)!.Value;
        if (errors.Count > 0) return TypedResults.ValidationProblem(errors);
        var total = await store.CountAsync(id, ofLabel, ofSplit, cancellationToken);
        var skip = (int)Math.Min((number - 1L) * size, total);
        var samples = await store.SamplesAsync(id, ofLabel, ofSplit, skip, size, cancellationToken);
        return TypedResults.Ok(new SamplesView(total, number, size, [.. samples.Select(sample => SampleView.Of(id, sample))]));
    }

    private static int? Number(string field, string? typed, int least, int most, int? otherwise, Dictionary<string, string[]> errors)
    {
        if (typed is null) return otherwise;
        if (int.TryParse(typed, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most)
            return value;
        errors[field] = [most < least ? $"“{typed}” can't be found: the dataset has no classes yet."
            : string.Create(CultureInfo.InvariantCulture, $"“{typed}” is not a whole number from {least} to {most}.")];
        return otherwise ?? least;
    }

    private static Split? Word(string typed, Dictionary<string, string[]> errors)
    {
        if (!int.TryParse(typed, out _) && Enum.TryParse<Split>(typed, ignoreCase: true, out var split)) return split;
        errors["split"] = [$"“{typed}” is none of train, val and test."];
        return null;
    }

    private static Dictionary<string, string[]> Errors(DatasetException exception) => new() { [exception.Field] = [exception.Message] };

    private static ProblemHttpResult NoDataset(int id) => TypedResults.Problem(
        string.Create(CultureInfo.InvariantCulture,
            $"There is no dataset {id}; it may have been deleted. GET /api/datasets lists those that are there."),
        statusCode: StatusCodes.Status404NotFound);
}

/// <param name="Layout">How the folder is to be read: classes, splits, classFirst, merged, val=FOLDER, in=FOLDER. Null: as its structure
/// and names say.</param>
internal sealed record AddFolderRequest(string? Name, string? Path, string? Layout = null);

/// <param name="Layout">The same; null: as before; auto: as its structure and names say.</param>
internal sealed record RescanRequest(string? Layout);
