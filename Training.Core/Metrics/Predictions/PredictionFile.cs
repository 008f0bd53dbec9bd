using Parquet;
using Parquet.Schema;
using Training.Core.Runs;

namespace Training.Core.Metrics.Predictions;

/// <summary>
/// One Parquet file per evaluated epoch, flat columns that pandas and DuckDB read: sample_id, truth, predicted, confidence, loss,
/// top1_class, top1_probability … top5_class, top5_probability (−1 and 0 beyond the number of classes).
/// </summary>
public static class PredictionFile
{
    private const int NoClass = -1;

    private static readonly DataField[] HeadFields =
        [Integer("sample_id"), Integer("truth"), Integer("predicted"), Real("confidence"), Real("loss")];

    private static readonly DataField[] ClassFields = [.. Ranks.Select(rank => Integer($"top{rank}_class"))];

    private static readonly DataField[] ProbabilityFields = [.. Ranks.Select(rank => Real($"top{rank}_probability"))];

    private static readonly ParquetSchema Schema =
        new([.. HeadFields, .. ClassFields.Zip(ProbabilityFields, (label, probability) => new[] { label, probability })
            .SelectMany(pair => pair)]);

    private static IEnumerable<int> Ranks => Enumerable.Range(1, Prediction.TopK);

    /// <exception cref="IOException">The disk is full or the folder can't be written; the former file stays.</exception>
    public static void Write(string path, IReadOnlyList<Prediction> predictions)
    {
        using var memory = new MemoryStream();
        // In memory nothing is awaited for long, so the caller's thread (the training thread) may do it all.
        WriteAsync(memory, predictions).GetAwaiter().GetResult();
        AtomicFile.Write(path, memory.WriteTo);
    }

    /// <summary>No validation set has more images; a small file may claim to hold any number of rows.</summary>
    private const int MostRows = 10_000_000;

    /// <param name="path">May have been written by a machine far away: whatever it holds, what is returned can be shown.</param>
    /// <param name="classes">Of the run: every class in the file is one of them.</param>
    /// <param name="rows">Images of the run's dataset: there are no more predictions.</param>
    /// <exception cref="InvalidDataException">Not such a file, or not one of such a run; the message names it.</exception>
    /// <exception cref="FileNotFoundException">There is no file.</exception>
    public static async Task<IReadOnlyList<Prediction>> ReadAsync(
        string path, int classes = int.MaxValue, int rows = MostRows, CancellationToken cancellationToken = default)
    {
        using var memory = new MemoryStream(await File.ReadAllBytesAsync(path, cancellationToken));
        try
        {
            return await ReadAsync(memory, new Limits(classes, rows), cancellationToken);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            throw new InvalidDataException($"{path} is not a file of predictions, or it is damaged: {error.Message}", error);
        }
    }

    private static async Task WriteAsync(Stream stream, IReadOnlyList<Prediction> predictions)
    {
        await using var writer = await ParquetWriter.CreateAsync(Schema, stream);
        using var rows = writer.CreateRowGroup();
        await rows.WriteAsync<int>(HeadFields[0], Column(predictions, each => each.SampleId));
        await rows.WriteAsync<int>(HeadFields[1], Column(predictions, each => each.Truth));
        await rows.WriteAsync<int>(HeadFields[2], Column(predictions, each => each.Predicted));
        await rows.WriteAsync<float>(HeadFields[3], Column(predictions, each => each.Confidence));
        await rows.WriteAsync<float>(HeadFields[4], Column(predictions, each => each.Loss));
        for (var k = 0; k < Prediction.TopK; k++)
        {
            var rank = k;
            await rows.WriteAsync<int>(ClassFields[k],
                Column(predictions, each => rank < each.TopClasses.Count ? each.TopClasses[rank] : NoClass));
            await rows.WriteAsync<float>(
                ProbabilityFields[k], Column(predictions, each => rank < each.TopClasses.Count ? each.TopProbabilities[rank] : 0));
        }
        rows.CompleteValidate();
    }

    private static ReadOnlyMemory<T> Column<T>(IReadOnlyList<Prediction> predictions, Func<Prediction, T> value)
    {
        var column = new T[predictions.Count];
        for (var i = 0; i < column.Length; i++) column[i] = value(predictions[i]);
        return column;
    }

    private static async Task<IReadOnlyList<Prediction>> ReadAsync(Stream stream, Limits limits, CancellationToken cancellationToken)
    {
        await using var reader = await ParquetReader.CreateAsync(stream, cancellationToken: cancellationToken);
        var predictions = new List<Prediction>();
        for (var group = 0; group < reader.RowGroupCount; group++)
        {
            using var rows = reader.OpenRowGroupReader(group);
            if (rows.RowCount > limits.Rows - predictions.Count)
                throw new InvalidDataException($"it has more rows than the {limits.Rows} images that there are.");
            await ReadRowsAsync(reader.Schema, rows, predictions, cancellationToken);
            for (var row = predictions.Count - (int)rows.RowCount; row < predictions.Count; row++) limits.Check(predictions[row], row);
        }
        return predictions;
    }

    private static async Task ReadRowsAsync(
        ParquetSchema schema, ParquetRowGroupReader rows, List<Prediction> predictions, CancellationToken cancellationToken)
    {
        var ids = await ReadColumnAsync<int>(schema, rows, HeadFields[0], cancellationToken);
        var truths = await ReadColumnAsync<int>(schema, rows, HeadFields[1], cancellationToken);
        var losses = await ReadColumnAsync<float>(schema, rows, HeadFields[4], cancellationToken);
        var classes = new int[Prediction.TopK][];
        var probabilities = new float[Prediction.TopK][];
        for (var k = 0; k < Prediction.TopK; k++)
        {
            classes[k] = await ReadColumnAsync<int>(schema, rows, ClassFields[k], cancellationToken);
            probabilities[k] = await ReadColumnAsync<float>(schema, rows, ProbabilityFields[k], cancellationToken);
        }
        predictions.EnsureCapacity(predictions.Count + ids.Length);
        for (var row = 0; row < ids.Length; row++)
        {
            var count = 0;
            while (count < Prediction.TopK && classes[count][row] != NoClass) count++;
            var (topClasses, topProbabilities) = (new int[count], new float[count]);
            for (var k = 0; k < count; k++) (topClasses[k], topProbabilities[k]) = (classes[k][row], probabilities[k][row]);
            predictions.Add(new Prediction(ids[row], truths[row], topClasses, topProbabilities, losses[row]));
        }
    }

    private readonly record struct Limits(int Classes, int Rows)
    {
        public void Check(Prediction prediction, int row)
        {
            if (prediction.TopClasses.Count == 0) throw new InvalidDataException($"row {row} predicts no class.");
            foreach (var label in prediction.TopClasses.Append(prediction.Truth))
                if (label < 0 || label >= Classes) throw new InvalidDataException($"row {row} names class {label}; the run has {Classes}.");
        }
    }

    private static async Task<T[]> ReadColumnAsync<T>(
        ParquetSchema schema, ParquetRowGroupReader rows, DataField field, CancellationToken cancellationToken)
        where T : struct
    {
        var column = new T[rows.RowCount];
        var stored = schema.DataFields.FirstOrDefault(each => each.Name == field.Name)
            ?? throw new InvalidDataException($"there is no column {field.Name}.");
        await rows.ReadAsync<T>(stored, column.AsMemory(), null, cancellationToken);
        return column;
    }

    private static DataField<int> Integer(string name) => new DataField<int>(name, nullable: false);

    private static DataField<float> Real(string name) => new DataField<float>(name, nullable: false);
}
