using Dashboard.Dispatch.Trainers;
using Training.Core.Runs;
using Training.Tests.TestKit;

namespace Training.Tests.Dispatch.Trainers;

public sealed class TrainerDeathTests
{
    [Theory]
    [InlineData(137, null, "The trainer was killed (signal 9). If nobody did it, the machine likely ran out of memory")]
    [InlineData(137, true, "because the machine ran out of memory. A smaller batch")]
    [InlineData(137, false, "killed (signal 9) by somebody or something on the machine")]
    [InlineData(139, null, "signal 11 (segmentation fault)")]
    [InlineData(134, null, "signal 6 (abort)")]
    [InlineData(3, null, "exit code 3")]
    [InlineData(74, null, "could not write its journal: the disk is full")]
    [InlineData(127, null, "could not be started")]
    [InlineData(0, null, "without saying how the run ended")]
    [InlineData(null, null, "The trainer is gone")]
    public void Cause_OfADeath_IsSaidInWords(int? exitCode, bool? outOfMemory, string expected) =>
        Assert.Contains(expected, TrainerDeath.Cause(exitCode, outOfMemory, []), StringComparison.Ordinal);

    [Fact]
    public void Cause_LogSaysOutOfMemory_TheRemedyIsGiven() =>
        Assert.Contains(
            "choose a smaller batch", TrainerDeath.Cause(134, null, ["CUDA error: out of memory"]), StringComparison.Ordinal);

    [Fact]
    public void Obituary_OfALongLog_EndsWithItsLastLinesWithoutStackTrace()
    {
        using var folder = new TemporaryFolder();
        var run = new RunFolder(folder.Path);
        var lines = Enumerable.Range(1, 5000).Select(i => $"line {i}").Append("Unhandled exception: bad luck")
            .Append("   at Some.Where() in x.cs:line 3");
        File.WriteAllText(run.TrainerLog, string.Join('\n', lines));

        var text = TrainerDeath.Write(134, null, run, 1);

        Assert.Contains("signal 6", text, StringComparison.Ordinal);
        Assert.EndsWith("line 4999\nline 5000\nUnhandled exception: bad luck", text, StringComparison.Ordinal);
        Assert.DoesNotContain("line 4996\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Obituary_WithoutALog_SaysSo()
    {
        using var folder = new TemporaryFolder();

        Assert.EndsWith("Its log is empty.", TrainerDeath.Write(127, null, new RunFolder(folder.Path), 1), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, "one")]
    [InlineData(2, "two")]
    [InlineData(3, "Its log is empty.")]
    [InlineData(4, "Its log is empty.")]
    public void Obituary_OfOneOfSeveralAttempts_QuotesItsOwnLinesOnly(int attempt, string last)
    {
        using var folder = new TemporaryFolder();
        var run = new RunFolder(folder.Path);
        File.WriteAllText(run.TrainerLog, "of an earlier version\n--- attempt 1 ---\none\n--- attempt 2 ---\ntwo\n--- attempt 3 ---\n");

        var text = TrainerDeath.Write(139, null, run, attempt);

        Assert.EndsWith(last, text, StringComparison.Ordinal);
        Assert.Equal(attempt < 3 ? 3 : 1, text.Split('\n').Length);
    }
}
