using Dashboard.Storage;
using Training.Core.Data;

namespace Dashboard.Datasets;

/// <summary>Datasets and their samples: the one truth, for pages, API and runs.</summary>
public sealed class DatasetStore
{
    public Task<IReadOnlyList<DatasetRow>> ListAsync(CancellationToken stop = default) => throw new NotImplementedException();

    public Task<DatasetRow?> GetAsync(int id, CancellationToken stop = default) => throw new NotImplementedException();

    /// <summary>By id ("3") or by name.</summary>
    public Task<DatasetRow?> FindAsync(string idOrName, CancellationToken stop = default) => throw new NotImplementedException();

    public DatasetOutline Outline(DatasetRow dataset) => throw new NotImplementedException();

    /// <summary>Samples in path order.</summary>
    public Task<IReadOnlyList<Sample>> SamplesAsync(int datasetId, int? label = null, Split? split = null, int skip = 0, int take = int.MaxValue, CancellationToken stop = default) => throw new NotImplementedException();

    /// <summary>Those of the given samples that are still in the dataset, by id.</summary>
    public Task<IReadOnlyDictionary<int, Sample>> SamplesAsync(int datasetId, IReadOnlyCollection<int> sampleIds, CancellationToken stop = default) => throw new NotImplementedException();

    public Task<Sample?> SampleAsync(int datasetId, int sampleId, CancellationToken stop = default) => throw new NotImplementedException();

    /// <summary>What a run with this share and seed trains and validates on.</summary>
    public Task<DatasetManifest> ManifestAsync(int datasetId, double valFraction, int seed, CancellationToken stop = default) => throw new NotImplementedException();

    /// <summary>Registers a folder of this computer and scans it in the background (state Scanning, then Ready or Failed).</summary>
    /// <exception cref="DatasetException">No such folder, name taken, name empty: names the field and the remedy.</exception>
    public Task<DatasetRow> AddFolderAsync(string name, string path, CancellationToken stop = default) => throw new NotImplementedException();

    /// <summary>Removes the dataset; its files only when the dashboard owns them.</summary>
    /// <exception cref="DatasetException">Runs that are queued or live use it; the message names them.</exception>
    public Task<bool> DeleteAsync(int id, CancellationToken stop = default) => throw new NotImplementedException();

    /// <summary>Raised after any dataset changed (also while a scan moves on, at most every 200 ms).</summary>
    public IDisposable Subscribe(Func<Task> changed) => throw new NotImplementedException();
}

/// <summary>Input about a dataset that can't be taken.</summary>
/// <param name="field">In camelCase, such as "path".</param>
public sealed class DatasetException(string field, string message) : Exception(message)
{
    public string Field { get; } = field;
}
