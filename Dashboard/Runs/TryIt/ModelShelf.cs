using Dashboard.Processes;
using Training.Core.Export;

namespace Dashboard.Runs.TryIt;

/// <summary>The models that were tried last, ready to run: loading one takes longer than an answer. Thread-safe.</summary>
public sealed class ModelShelf : IDisposable
{
    /// <summary>Each holds its weights in memory: some 50–250 MB.</summary>
    private const int Places = 2;

    /// <summary>A training on this machine needs the cores more.</summary>
    private const int Threads = 1;

    private readonly LruCache<(string Path, DateTime Written), OnnxModel> _models = new(Places, _ => 1);

    /// <summary>Runs something on the model of a file, loaded if need be; a file that was written anew is loaded anew.</summary>
    /// <param name="use">The model is disposed at the earliest when this is done.</param>
    /// <exception cref="FileNotFoundException"/>
    /// <exception cref="InvalidDataException">The file is no such model.</exception>
    public async Task<T> UseAsync<T>(string path, Func<OnnxModel, Task<T>> use, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(use);
        using var loan = await _models.BorrowAsync(
            (path, File.GetLastWriteTimeUtc(path)), () => Task.FromResult(new OnnxModel(path, Threads)), cancellationToken);
        return await use(loan.Value);
    }

    public void Dispose() => _models.Clear();
}
