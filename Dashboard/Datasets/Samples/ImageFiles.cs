using System.Collections.Concurrent;
using Dashboard.Storage;
using Dashboard.Storage.Files;
using Microsoft.Extensions.Options;

namespace Dashboard.Datasets.Samples;

/// <summary>
/// JPEGs of samples for the browser. A thumbnail is made once and kept by the image's hash, so that copies share one and a changed file
/// gets its own. Few are made at the same time: a page of sixty mustn't slow a training.
/// </summary>
public sealed class ImageFiles(IOptions<DashboardOptions> options, DataRoot root) : IDisposable
{
    public const int ThumbnailSide = 256, FullSide = 1600;

    /// <summary>Names a part of the folder; to be raised when decoding shows other pictures than before.</summary>
    private const string Version = "2";

    private readonly SemaphoreSlim _turns = new(Math.Max(1, Environment.ProcessorCount / 2));
    private readonly ConcurrentDictionary<string, Lazy<Task>> _underWay = new(StringComparer.Ordinal);

    /// <summary>The thumbnail's file; made when it isn't there yet.</summary>
    /// <param name="sha256">Of the image's bytes, lower-case hex.</param>
    /// <exception cref="ImageException">The image is broken or another one; <see cref="IOException"/> when it is gone.</exception>
    public async Task<string> ThumbnailAsync(string path, string sha256, FolderFence? fence = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(sha256);
        var target = Path.Combine(options.Value.ThumbnailsFolder, Version, sha256[..2], sha256[2..] + ".jpg");
        if (IsWhole(target)) return target;
        // Without the caller's token: others may wait for the same one.
        await _underWay.GetOrAdd(target, _ => new Lazy<Task>(() => MakeAsync(path, sha256, target, fence))).Value;
        return target;
    }

    /// <summary>The whole picture, made anew.</summary>
    /// <param name="sha256">What the file held when it was scanned; empty: anything.</param>
    /// <param name="longSide">Of the JPEG, pixels at most.</param>
    /// <exception cref="ImageException">The image is broken or another one; <see cref="IOException"/> when it is gone.</exception>
    public async Task<byte[]> EncodedAsync(
        string path, string sha256, int longSide, FolderFence? fence = null, CancellationToken cancellationToken = default)
    {
        await _turns.WaitAsync(cancellationToken);
        try
        {
            return await EncodeAsync(path, sha256, longSide, fence, cancellationToken);
        }
        finally
        {
            _turns.Release();
        }
    }

    public void Dispose() => _turns.Dispose();

    private async Task MakeAsync(string path, string sha256, string target, FolderFence? fence)
    {
        try
        {
            await _turns.WaitAsync();
            try
            {
                if (!IsWhole(target))
                    await WriteAsync(target, await EncodeAsync(path, sha256, ThumbnailSide, fence, CancellationToken.None));
            }
            finally
            {
                _turns.Release();
            }
        }
        finally
        {
            _underWay.TryRemove(target, out _);
        }
    }

    /// <summary>On a thread of its own: it may wait for memory, which the threads that answer requests must not.</summary>
    private static Task<byte[]> EncodeAsync(
        string path, string sha256, int longSide, FolderFence? fence, CancellationToken cancellationToken) => Task.Factory.StartNew(
        () => ImageDecoder.EncodeJpeg(path, sha256, longSide, fence, cancellationToken), cancellationToken,
        TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>
    /// Not made durable as other files are: that would cost more than making it again, which is why an empty one doesn't count.
    /// </summary>
    private async Task WriteAsync(string target, byte[] jpeg)
    {
        root.ThrowIfLost();
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        var unfinished = $"{target}.{Guid.NewGuid():N}.part";
        try
        {
            await File.WriteAllBytesAsync(unfinished, jpeg);
            File.Move(unfinished, target, overwrite: true);
        }
        finally
        {
            File.Delete(unfinished);
        }
    }

    private static bool IsWhole(string target) => new FileInfo(target) is { Exists: true, Length: > 0 };
}
