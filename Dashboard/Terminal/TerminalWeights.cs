using Dashboard.Runs.Weights;
using Dashboard.Storage;
using Dashboard.Terminal.Output;
using Training.Core.Backbones;
using Training.Core.Recipes;
using Training.Core.Runs;

namespace Dashboard.Terminal;

/// <summary>Fetches a backbone's weights before a run of the terminal, when they are not on this machine.</summary>
internal static class TerminalWeights
{
    /// <exception cref="InvalidInputException">They can't be fetched; the message says what to do.</exception>
    public static async Task FetchAsync(Recipe recipe, bool quiet, CancellationToken cancellationToken)
    {
        var options = new DashboardOptions();
        var spec = BackboneCatalog.Get(recipe.Backbone);
        if (recipe.Mode == TrainingMode.FromScratch || recipe.StartFrom is not null || spec.Weights.IsBuiltIn
            || PretrainedWeights.IsAvailable(spec, options.WeightsFolder, out _)) return;
        var file = BackboneDownloads.FileOf(spec, options);
        if (!quiet) await Console.Error.WriteLineAsync($"Downloading the weights of {spec.Title} from {file.From} into {file.Folder}");
        using var http = WeightsModule.NewClient();
        var told = 0L;
        try
        {
            await new WeightsDownload(http, TimeProvider.System).RunAsync(file, progress =>
            {
                if (quiet || (progress.Words.Length == 0 && progress.Done * 10 / Math.Max(1, progress.Total ?? long.MaxValue) == told))
                    return;
                told = progress.Done * 10 / Math.Max(1, progress.Total ?? long.MaxValue);
                Console.Error.WriteLine(progress.Words.Length > 0
                    ? progress.Words : $"{ByteSize.Text(progress.Done)} of {ByteSize.Text(progress.Total ?? 0)}");
            }, cancellationToken);
        }
        catch (DownloadException exception)
        {
            throw new InvalidInputException($"backbone: {exception.Message}");
        }
    }
}
