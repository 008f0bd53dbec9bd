using System.Data.Common;
using System.Globalization;
using Dashboard.Access.Visitors;
using Dashboard.Runs;
using Dashboard.Storage;
using Dashboard.Storage.Files;
using Dashboard.Storage.Outages;
using Microsoft.Extensions.Options;
using Training.Core.Runs;

namespace Dashboard.Api.HealthCheck;

/// <summary>What /health says of disks: which file waits, how much it needs and what is free, on whose disk.</summary>
internal sealed class DiskHealth(DiskSpace disk, RunStore runs, IOptions<DashboardOptions> options)
{
    /// <param name="visitor">Null: a stranger, who isn't told names and folders.</param>
    /// <returns>Null: nothing waits for room.</returns>
    public async Task<string?> WordsAsync(Visitor? visitor, CancellationToken cancellationToken)
    {
        var words = disk.Waiting().Select(need => $"On the disk of the data root {options.Value.DataRoot}: {need}.").ToList();
        if (words.Count == 0 && DiskSpace.FreeAt(options.Value.DataRoot) is < DiskSpace.Least and var free)
            words.Add($"The disk of the data root {options.Value.DataRoot} is full: {ByteSize.Text(free)} are free.");
        foreach (var run in await WaitingAsync(cancellationToken))
            words.Add(string.Create(CultureInfo.InvariantCulture, $"Run {run.Id} on {run.Machine}: {run.Phase}"));
        if (words.Count == 0) return null;
        return visitor is null ? "A disk is full; who is signed in is told which, and what waits." : string.Join(' ', words);
    }

    /// <summary>A database that doesn't answer is another fault than a full disk.</summary>
    private async Task<IReadOnlyList<RunRow>> WaitingAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await runs.WaitingForRoomAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is DbException || Outage.Of(exception) is not null)
        {
            return [];
        }
    }
}
