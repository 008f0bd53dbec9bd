using System.Globalization;
using System.Text;
using Training.Core.Runs;

namespace Training.Core.Metrics;

/// <summary>metrics.csv: one line per evaluated epoch, whole after every epoch.</summary>
internal sealed class MetricsFile(string path)
{
    private const string Header =
        "epoch,step,train_loss,val_loss,val_accuracy,train_images_per_second,val_images_per_second,seconds,is_best\n";

    private readonly StringBuilder _text = new(Header);
    private readonly List<EpochCompleted> _epochs = [];

    public IReadOnlyList<EpochCompleted> Epochs => _epochs;

    /// <summary>Epochs of former attempts.</summary>
    public void Restore(IEnumerable<EpochCompleted> epochs)
    {
        foreach (var epoch in epochs) Add(epoch);
    }

    /// <exception cref="IOException">The disk is full; the former file stays.</exception>
    public void Write() => AtomicFile.WriteText(path, _text.ToString());

    /// <summary>Written with the next <see cref="Write"/>.</summary>
    public void Add(EpochCompleted epoch)
    {
        _epochs.Add(epoch);
        _text.Append(CultureInfo.InvariantCulture,
            $"{epoch.Epoch},{epoch.Step},{Cell(epoch.TrainLoss)},{Cell(epoch.ValLoss)},{Cell(epoch.ValAccuracy)},");
        _text.AppendLine(CultureInfo.InvariantCulture,
            $"{epoch.TrainImagesPerSecond:F1},{epoch.ValImagesPerSecond:F1},{epoch.Seconds:F3},{(epoch.IsBest ? 1 : 0)}");
    }

    /// <summary>Empty for what is no number, as an epoch of a former version's checkpoint may have.</summary>
    private static string Cell(double value) => double.IsFinite(value) ? value.ToString("R", CultureInfo.InvariantCulture) : "";
}
