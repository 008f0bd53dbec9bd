using Parquet;
using Training.Core.Metrics.Predictions;
using Training.Tests.TestKit;

namespace Training.Tests.Metrics.Predictions;

public sealed class PredictionFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string File => _folder.In("predictions", "epoch-0001.parquet");

    [Theory]
    [InlineData(0, 2)]
    [InlineData(3, 2)]
    [InlineData(1_000, 4)]
    [InlineData(20_000, 120)]
    public async Task File_WrittenAndRead_GivesTheSamePredictions(int count, int classes)
    {
        var written = Samples.Many(count, classes);

        PredictionFile.Write(File, written);
        var read = await PredictionFile.ReadAsync(File);

        Assert.Equal(count, read.Count);
        foreach (var (expected, found) in written.Zip(read)) Samples.AssertEqual(expected, found);
    }

    [Fact]
    public async Task File_WithANaN_KeepsIt()
    {
        PredictionFile.Write(File, [new Prediction(1, 0, [0, 1], [float.NaN, float.NaN], float.NaN)]);

        var read = Assert.Single(await PredictionFile.ReadAsync(File));

        Assert.True(float.IsNaN(read.Loss));
        Assert.True(float.IsNaN(read.Confidence));
    }

    [Fact]
    public async Task Columns_AsAnyParquetReaderSeesThem_AreFlatAndNamed()
    {
        PredictionFile.Write(File, [Samples.Of(7, truth: 1, predicted: 0, confidence: 0.75f, loss: 1.5f)]);

        await using var reader = await ParquetReader.CreateAsync(File);

        string[] names =
        [
            "sample_id", "truth", "predicted", "confidence", "loss",
            .. Enumerable.Range(1, 5).SelectMany(k => new[] { $"top{k}_class", $"top{k}_probability" }),
        ];
        Assert.Equal(names, reader.Schema.DataFields.Select(field => field.Name));
        Assert.All(reader.Schema.DataFields, field => Assert.False(field.IsNullable || field.IsArray));
        Assert.Equal([7, 1, 0, 0, 1, -1, -1, -1], await IntegersAsync(reader));
    }

    [Theory]
    [InlineData("")]
    [InlineData("PAR1")]
    [InlineData("This is a text file and has nothing to do with predictions at all.")]
    public async Task Read_OfSomethingElse_NamesTheFile(string content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(File)!);
        await System.IO.File.WriteAllTextAsync(File, content);

        var error = await Assert.ThrowsAsync<InvalidDataException>(() => PredictionFile.ReadAsync(File));

        Assert.Contains(File, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_OfATornFile_NamesTheFile()
    {
        PredictionFile.Write(File, Samples.Many(5_000, 10));
        var bytes = await System.IO.File.ReadAllBytesAsync(File);
        await System.IO.File.WriteAllBytesAsync(File, bytes[..(bytes.Length / 2)]);

        var error = await Assert.ThrowsAsync<InvalidDataException>(() => PredictionFile.ReadAsync(File));

        Assert.Contains(File, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_OfAParquetFileWithOtherColumns_NamesTheMissingOne()
    {
        await Parquet.Serialization.ParquetSerializer.SerializeAsync([new { Apples = 3 }], _folder.In("other.parquet"));

        var error = await Assert.ThrowsAsync<InvalidDataException>(() => PredictionFile.ReadAsync(_folder.In("other.parquet")));

        Assert.Contains("sample_id", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, new[] { 3, 0 }, "row 0 names class 3; the run has 3.")]
    [InlineData(-2, new[] { 1, 0 }, "row 0 names class -2; the run has 3.")]
    [InlineData(int.MaxValue, new[] { 1, 0 }, "row 0 names class 2147483647; the run has 3.")]
    [InlineData(0, new[] { -1, 0 }, "row 0 predicts no class.")]
    public async Task Read_OfClassesThatTheRunHasNot_NamesTheRow(int truth, int[] top, string problem)
    {
        PredictionFile.Write(File, [new Prediction(1, truth, top, [.. top.Select(_ => 0.5f)], 0.1f)]);

        var error = await Assert.ThrowsAsync<InvalidDataException>(() => PredictionFile.ReadAsync(File, classes: 3));

        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_OfMoreRowsThanImages_SaysSo()
    {
        PredictionFile.Write(File, Samples.Many(101, 3));

        var error = await Assert.ThrowsAsync<InvalidDataException>(() => PredictionFile.ReadAsync(File, classes: 3, rows: 100));

        Assert.Contains("it has more rows than the 100 images that there are", error.Message, StringComparison.Ordinal);
        Assert.Equal(101, (await PredictionFile.ReadAsync(File, classes: 3, rows: 101)).Count);
    }

    [Fact]
    public Task Read_OfNoFile_SaysSo() =>
        Assert.ThrowsAsync<FileNotFoundException>(() => PredictionFile.ReadAsync(_folder.In("none.parquet")));

    public void Dispose() => _folder.Dispose();

    private static async Task<List<int>> IntegersAsync(ParquetReader reader)
    {
        using var rows = reader.OpenRowGroupReader(0);
        var values = new List<int>();
        foreach (var field in reader.Schema.DataFields.Where(field => field.ClrType == typeof(int)))
        {
            var column = new int[1];
            await rows.ReadAsync<int>(field, column.AsMemory());
            values.Add(column[0]);
        }
        return values;
    }
}
