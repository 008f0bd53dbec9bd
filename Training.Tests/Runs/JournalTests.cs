using Microsoft.Extensions.Time.Testing;
using Training.Core.Runs;
using Training.Tests.TestKit;

namespace Training.Tests.Runs;

public sealed class JournalTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 1, 9, 0, 0, TimeSpan.Zero));

    private string File => _folder.In("run", "journal-1.jsonl");

    [Fact]
    public void Append_OfEveryKindOfEvent_IsReadBackTheSame()
    {
        RunEvent[] events =
        [
            new PhaseStarted("Computing features of 1,040 images", 0.25),
            new TrainingStarted(3, 125, 800, 240, "cpu", "bf16, channels last"),
            new StepCompleted(1, 1, double.NaN, 1e-3, 32.5),
            new StepCompleted(1, 2, double.PositiveInfinity, 1e-3, 32.5),
            new EpochCompleted(1, 125, 0.7, 0.5, 0.91, 33, 104, 12.5, true),
            new Logged(RunLogLevel.Warning, "한국어 \"quoted\"\nand a second line <script>"),
            new Ended(RunOutcome.Completed, "All 3 epochs are done", 2, 0.95, 61.5),
        ];
        using (var journal = Journal.Open(File, _time))
            foreach (var each in events) journal.Append(each);

        var read = Journal.Read(File);

        Assert.Equal(events, read.Select(entry => entry.Event));
        Assert.Equal(Enumerable.Range(1, events.Length).Select(i => (long)i), read.Select(entry => entry.Sequence));
        Assert.All(read, entry => Assert.Equal(_time.GetUtcNow(), entry.At));
    }

    [Fact]
    public void Open_OfAnExistingJournal_GoesOnWithTheNextNumber()
    {
        Write(3);

        using var journal = Journal.Open(File, _time);

        Assert.Equal(3, journal.LastSequence);
        Assert.Equal(4, journal.Append(Step(4)).Sequence);
        Assert.Equal(4, Journal.Read(File).Count);
    }

    [Theory]
    [InlineData("{\"sequence\":4,\"at\":\"2026-03-01T09:0")]
    [InlineData("{\"seq")]
    [InlineData("\0\0\0\0\0\0\0\0")]
    [InlineData("\0\0\0\0\n")]
    public void Open_AfterACrashTheTornLine_IsCutOffAndItsNumberUsedAgain(string torn)
    {
        Write(3);
        System.IO.File.AppendAllText(File, torn);

        using (var journal = Journal.Open(File, _time)) Assert.Equal(4, journal.Append(Step(4)).Sequence);

        Assert.Equal([1, 2, 3, 4], Journal.Read(File).Select(entry => entry.Sequence));
    }

    [Fact]
    public void Open_WhenEvenTheFirstLineIsTorn_StartsAfresh()
    {
        Directory.CreateDirectory(_folder.In("run"));
        System.IO.File.WriteAllText(File, "{\"sequence\":1");

        using var journal = Journal.Open(File, _time);

        Assert.Equal(0, journal.LastSequence);
        Assert.Equal(1, journal.Append(Step(1)).Sequence);
    }

    [Fact]
    public void Read_OfATornLastLine_GivesTheWholeOnes()
    {
        Write(3);
        System.IO.File.AppendAllText(File, "{\"sequence\":4,");

        Assert.Equal([1, 2, 3], Journal.Read(File).Select(entry => entry.Sequence));
    }

    [Fact]
    public void Read_OfALineBrokenInTheMiddle_NamesTheFileAndThePlace()
    {
        Write(2);
        System.IO.File.AppendAllText(File, "rubbish\n");

        var error = Assert.Throws<InvalidDataException>(() => Journal.Read(File));

        Assert.Contains(File, error.Message, StringComparison.Ordinal);
        Assert.Contains("entry 2", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 5, 1)]
    [InlineData(1, 5, 2)]
    [InlineData(9_990, 5, 9_991)]
    [InlineData(19_998, 2, 19_999)]
    [InlineData(12_345, 1_000, 12_346)]
    public void Read_AfterANumberInALongJournal_GivesExactlyTheNext(long after, int count, long first)
    {
        Write(20_000);

        var read = Journal.Read(File, after, limit: 1_000);

        Assert.Equal(first, read[0].Sequence);
        Assert.Equal(Enumerable.Range(0, read.Count).Select(i => first + i), read.Select(entry => entry.Sequence));
        Assert.Equal(Math.Min(1_000, 20_000 - (int)after), read.Count);
        Assert.True(read.Count >= count);
    }

    [Fact]
    public void Read_AfterTheLast_IsEmpty()
    {
        Write(3);

        Assert.Empty(Journal.Read(File, after: 3));
        Assert.Empty(Journal.Read(File, after: 99));
    }

    [Fact]
    public void Read_WithoutAFile_IsEmpty() => Assert.Empty(Journal.Read(File));

    [Fact]
    public async Task Read_WhileSeveralThreadsAppend_SeesWholeEntriesWithoutGaps()
    {
        using var journal = Journal.Open(File, _time);
        var writers = Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 500; i++) journal.Append(Step(i));
        })).ToArray();

        var seen = new List<long>();
        while (seen.Count < 2_000) seen.AddRange(Journal.Read(File, seen.Count).Select(entry => entry.Sequence));

        await Task.WhenAll(writers);
        Assert.Equal(Enumerable.Range(1, 2_000).Select(i => (long)i), seen);
        Assert.Equal(2_000, journal.LastSequence);
    }

    [Fact]
    public void Append_OnADiskThatFillsUp_ThrowsAndLeavesAWholeJournal()
    {
        using var disk = new LimitedDisk(capacity: 400);
        using var journal = Journal.Open(disk, _time);

        journal.Append(Step(1));
        Assert.Throws<IOException>(() => journal.Append(new Logged(RunLogLevel.Error, new string('x', 500))));
        Assert.Equal(2, journal.Append(Step(2)).Sequence);

        var lines = System.Text.Encoding.UTF8.GetString(disk.ToArray()).TrimEnd('\n').Split('\n');
        Assert.Equal(2, lines.Length);
        Assert.All(lines, line => Assert.EndsWith("}", line, StringComparison.Ordinal));
    }

    public void Dispose() => _folder.Dispose();

    private static StepCompleted Step(int step) => new(1, step, 0.5, 1e-3, 30);

    private void Write(int count)
    {
        using var journal = Journal.Open(File, _time);
        for (var i = 1; i <= count; i++) journal.Append(Step(i));
    }

    /// <summary>Takes what still fits and then fails, as a disk does.</summary>
    private sealed class LimitedDisk(int capacity) : MemoryStream
    {
        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            var room = (int)Math.Min(buffer.Length, capacity - Position);
            base.Write(buffer[..room].ToArray(), 0, room);
            if (room < buffer.Length) throw new IOException("No space left on device");
        }
    }
}
