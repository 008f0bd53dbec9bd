namespace Training.Core.Predictions;

/// <summary>
/// One Parquet file per evaluated epoch, flat columns that pandas and DuckDB read: sample_id, truth, predicted, confidence, loss,
/// top1_class, top1_probability … top5_class, top5_probability (−1 and 0 beyond the number of classes).
/// </summary>
public static class PredictionFile
{
    public static void Write(string path, IReadOnlyList<Prediction> predictions) => throw new NotImplementedException();

    /// <exception cref="InvalidDataException">Not such a file; the message names it.</exception>
    public static Task<IReadOnlyList<Prediction>> ReadAsync(string path, CancellationToken stop = default) => throw new NotImplementedException();
}
