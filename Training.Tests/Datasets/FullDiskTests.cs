using System.Data.Common;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Dashboard.Processes;
using Dashboard.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Training.Tests.Datasets.Imports;
using Training.Tests.TestKit;

namespace Training.Tests.Datasets;

/// <summary>A disk that fills up under the dashboard.</summary>
public sealed class FullDiskTests
{
    private const int Megabyte = 1024;

    [SkippableFact]
    public async Task DemoSet_ThatDoesNotFit_FailsWithTheReasonAndIsDrawnOnceThereIsRoom()
    {
        using var disk = new SmallDisk(3 * Megabyte);
        await using var bench = new DatasetBench(disk.Path, new Dictionary<string, string> { ["Dashboard:DemoDataset"] = "true" });
        var id = (await Eventually.NotNullAsync(async () => await bench.Store.ListAsync() is [var demo] ? demo : null,
            "the demo set is registered")).Id;

        var failed = await bench.ScannedAsync(id);

        Assert.Equal(DatasetState.Failed, failed.State);
        Assert.StartsWith($"The disk that holds the data root {disk.Path} is full. Free some space", failed.Message,
            StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(disk.In("datasets")));

        disk.Grow(64 * Megabyte);
        await bench.Store.RescanAsync(id);
        Assert.Equal(DatasetState.Ready, (await bench.ScannedAsync(id)).State);
    }

    [SkippableFact]
    public async Task DemoData_InTheTerminal_SaysThatTheDiskIsFullAndLeavesNothing()
    {
        using var disk = new SmallDisk(1 * Megabyte);

        var (exitCode, errors) = await TerminalAsync("demo-data", "--out", disk.In("shapes"));

        Assert.Equal(ExitCode.BadInput, exitCode);
        Assert.Contains("No space left on device", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
        Assert.Empty(disk.Entries);
    }

    [SkippableTheory]
    [InlineData(true, "are free on the disk of the data root")]
    [InlineData(false, "is full. Free some space")]
    public async Task Upload_ThatDoesNotFit_IsRefusedAndLeavesNothing(bool announced, string words)
    {
        using var disk = new SmallDisk(4 * Megabyte);
        await using var bench = new DatasetBench(disk.Path);
        // A client that follows redirections would read the content first and so know its length.
        using var client = bench.App.CreateClient(new() { AllowAutoRedirect = false });
        var bytes = new byte[8 << 20];
        new Random(1).NextBytes(bytes);
        using var form = new MultipartFormDataContent
        {
            { new StringContent("large"), "name" }, { new ByteArrayContent(TestZip.Of(("a/1.bmp", bytes))), "file", "upload.zip" },
        };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/datasets") { Content = form };
        if (!announced) request.Content = await WithoutLengthAsync(form);

        var answer = await client.SendAsync(request);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        var error = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("errors").GetProperty("file")[0].GetString();
        Assert.Contains(words, error, StringComparison.Ordinal);
        Assert.True(!Directory.Exists(disk.In("datasets")) || !Directory.EnumerateFileSystemEntries(disk.In("datasets")).Any());
        Assert.Empty(await bench.Store.ListAsync());
    }

    [Fact]
    public async Task Dataset_ThatCantEvenBeMarkedAsFailed_IsMarkedOnceItCan()
    {
        var database = new FullDatabase { IsFull = true };
        await using var bench = new DatasetBench(services: services =>
            services.ConfigureDbContext<SqliteDb>(db => db.AddInterceptors(database)));

        var row = await bench.Store.AddFolderAsync("photos", bench.Photos("photos", ("cats", 2), ("dogs", 2)));
        await Eventually.TrueAsync(() => database.RefusedUpdates >= 2, "it is tried again");
        database.IsFull = false;

        Assert.Contains("is full. Free some space", (await bench.ScannedAsync(row.Id)).Message, StringComparison.Ordinal);
        Assert.Equal(DatasetState.Ready, (await bench.ReadyAsync("later", ("a", 1), ("b", 1))).State);
    }

    /// <summary>As a form that is made while it is sent, or as curl does it with a pipe.</summary>
    private static async Task<StreamContent> WithoutLengthAsync(MultipartFormDataContent form)
    {
        var content = new StreamContent(new Unmeasured(await form.ReadAsStreamAsync()));
        content.Headers.ContentType = form.Headers.ContentType;
        return content;
    }

    private static async Task<(int ExitCode, string Errors)> TerminalAsync(string verb, params string[] arguments)
    {
        var start = OwnExecutable.Start(verb, arguments);
        start.RedirectStandardError = start.RedirectStandardOutput = true;
        using var process = Process.Start(start)!;
        var errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, errors);
    }

    /// <summary>A stream that doesn't tell its length.</summary>
    private sealed class Unmeasured(Stream inner) : Stream
    {
        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }
        public override int Read(byte[] buffer, int offset, int count) => inner.Read(buffer, offset, count);
        public override void Flush() => throw new NotSupportedException();
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }

    /// <summary>Answers as SQLite does on a full disk to what the work on datasets writes.</summary>
    private sealed class FullDatabase : DbCommandInterceptor
    {
        private int _refusedUpdates;

        public volatile bool IsFull;

        public int RefusedUpdates => _refusedUpdates;

        public override ValueTask<InterceptionResult<int>> NonQueryExecutingAsync(
            DbCommand command, CommandEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
        {
            if (IsFull && command.CommandText.StartsWith("UPDATE \"Datasets\" AS", StringComparison.Ordinal))
            {
                Interlocked.Increment(ref _refusedUpdates);
                throw new SqliteException("database or disk is full", 13);
            }
            return ValueTask.FromResult(result);
        }

        public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
            DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result,
            CancellationToken cancellationToken = default) =>
            IsFull && command.CommandText.Contains("INSERT INTO \"Samples\"", StringComparison.Ordinal)
                ? throw new SqliteException("database or disk is full", 13)
                : ValueTask.FromResult(result);
    }
}
