using Dashboard.Api.Problems;
using Dashboard.Runs.Weights;
using Dashboard.Storage;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Training.Core.Backbones;

namespace Dashboard.Api;

/// <summary>REST of backbones.</summary>
internal static class BackbonesApi
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/backbones").WithTags("Backbones");
        group.MapGet("", (BackboneDownloads downloads, IOptions<DashboardOptions> options) =>
                TypedResults.Ok(BackboneCatalog.All.Select(spec => View(spec, downloads, options.Value)).ToList()))
            .WithName("ListBackbones")
                .WithSummary("The networks that a recipe can name: which weights are here, and where to put those that aren't.");
        group.MapPost("/{name}/download", Download).WithName("DownloadBackbone")
            .WithSummary("Downloads the pretrained weights, or goes on with a download that broke off; GET /api/backbones shows how far "
                + "it is.");
        group.MapDelete("/{name}/download", Cancel).WithName("CancelBackboneDownload")
            .WithSummary("Ends a download; what has come so far is kept for the next time.");
    }

    private static Results<Ok<BackboneView>, Accepted<BackboneView>, ProblemHttpResult> Download(
        string name, BackboneDownloads downloads, IOptions<DashboardOptions> options)
    {
        if (Find(name) is not { } spec) return NoBackbone(name);
        if (!spec.Weights.IsBuiltIn) downloads.Start(spec);
        var view = View(spec, downloads, options.Value);
        return view.Available ? TypedResults.Ok(view) : TypedResults.Accepted("/api/backbones", view);
    }

    private static Results<Ok<BackboneView>, ProblemHttpResult> Cancel(
        string name, BackboneDownloads downloads, IOptions<DashboardOptions> options)
    {
        if (Find(name) is not { } spec) return NoBackbone(name);
        downloads.Cancel(name);
        return TypedResults.Ok(View(spec, downloads, options.Value));
    }

    private static BackboneSpec? Find(string name) => BackboneCatalog.All.FirstOrDefault(spec => spec.Name == name);

    private static ProblemHttpResult NoBackbone(string name) => ApiProblems.NotFound(
        $"There is no backbone '{name}'. Known are {string.Join(", ", BackboneCatalog.All.Select(spec => spec.Name))}.");

    private static BackboneView View(BackboneSpec spec, BackboneDownloads downloads, DashboardOptions options)
    {
        var available = PretrainedWeights.IsAvailable(spec, options.WeightsFolder, out var whatToDo);
        var download = downloads.Of(spec.Name);
        return new BackboneView
        {
            Name = spec.Name,
            Title = spec.Title,
            Parameters = spec.Parameters,
            RelativeCost = Math.Round(BackboneCost.Relative(spec, 224), 2),
            Available = available,
            WhatToDo = available ? null : whatToDo,
            File = spec.Weights.IsBuiltIn ? null : downloads.FileOf(spec).Whole,
            From = spec.Weights.IsBuiltIn ? null : downloads.FileOf(spec).From,
            Download = download is null
            ? null : new DownloadView(download.State, download.Progress.Done, download.Progress.Total, download.Progress.Words),
        };
    }
}

/// <summary>A backbone, for programs.</summary>
public sealed record BackboneView
{
    public required string Name { get; init; }
    public required string Title { get; init; }

    /// <summary>With a head for 1,000 classes.</summary>
    public required long Parameters { get; init; }

    /// <summary>Time per image in relation to the built-in backbone.</summary>
    public required double RelativeCost { get; init; }

    /// <summary>Whether a run from pretrained weights could start offline.</summary>
    public required bool Available { get; init; }

    public string? WhatToDo { get; init; }

    /// <summary>Where its weights are looked for; null for the built-in one.</summary>
    public string? File { get; init; }

    public Uri? From { get; init; }

    public DownloadView? Download { get; init; }
}

/// <param name="Words">What it waits for, or why it failed.</param>
public sealed record DownloadView(DownloadState State, long Bytes, long? TotalBytes, string Words);
