namespace Training.Core.Engine;

/// <summary>Which epoch is the best, and when waiting for a better one makes no sense any more.</summary>
/// <param name="patience">Epochs without a better one; 0 waits for ever.</param>
public sealed class EarlyStopping(int patience)
{
    private double _bestLoss = double.PositiveInfinity;
    private double _lowestLoss = double.PositiveInfinity;
    private int _waited;

    /// <summary>What is remembered between epochs, for a checkpoint.</summary>
    internal sealed record State(int? BestEpoch, double? BestAccuracy, double BestLoss, double LowestLoss, int Waited);

    internal State Save() => new(BestEpoch, BestAccuracy, _bestLoss, _lowestLoss, _waited);

    internal void Restore(State state) =>
        (BestEpoch, BestAccuracy, _bestLoss, _lowestLoss, _waited) =
            (state.BestEpoch, state.BestAccuracy, state.BestLoss, state.LowestLoss, state.Waited);

    /// <summary>From 1; null before the first epoch.</summary>
    public int? BestEpoch { get; private set; }

    public double? BestAccuracy { get; private set; }

    public bool ShouldStop => patience > 0 && _waited >= patience;

    /// <summary>
    /// A higher accuracy is better; with the same accuracy, a lower loss. A lower loss alone is progress too: it resets the wait.
    /// </summary>
    /// <remarks>What is no number is never the best: nothing would be better than it.</remarks>
    /// <returns>Whether this epoch is the best so far.</returns>
    public bool Record(int epoch, double accuracy, double loss)
    {
        var best = double.IsFinite(accuracy) && double.IsFinite(loss)
            && (BestAccuracy is not { } former || accuracy > former || (accuracy == former && loss < _bestLoss));
        _waited = best || loss < _lowestLoss ? 0 : _waited + 1;
        _lowestLoss = Math.Min(_lowestLoss, double.IsNaN(loss) ? double.PositiveInfinity : loss);
        if (!best) return false;
        (BestEpoch, BestAccuracy, _bestLoss) = (epoch, accuracy, loss);
        return true;
    }
}
