using Training.Core.Engine.Losses;

namespace Training.Core.Engine;

/// <summary>Where a training stands: plain data, so that a resumed one goes on exactly there.</summary>
internal sealed record TrainingPosition
{
    /// <summary>The epoch under way, from 1.</summary>
    public int Epoch { get; set; } = 1;

    /// <summary>Steps done over the whole run.</summary>
    public int Step { get; set; }

    /// <summary>Steps done of this epoch.</summary>
    public int StepOfEpoch { get; set; }

    /// <summary>Sum over this epoch's images of their batch's mean loss.</summary>
    public double LossSum { get; set; }

    /// <summary>Images seen in this epoch.</summary>
    public int Images { get; set; }

    /// <summary>Seconds of training in this epoch, before a resume too.</summary>
    public double Seconds { get; set; }

    /// <summary>Of all steps so far.</summary>
    public LossWatch Watch { get; set; } = new();

    /// <summary>Whether the device's memory was too small for a whole batch: from then on each is computed in two halves.</summary>
    public bool Halves { get; set; }

    /// <summary>Mean loss of this epoch's images so far.</summary>
    public double MeanLoss => LossSum / Images;

    public void Restore(TrainingPosition saved) =>
        (Epoch, Step, StepOfEpoch, LossSum, Images, Seconds, Watch, Halves) =
            (saved.Epoch, saved.Step, saved.StepOfEpoch, saved.LossSum, saved.Images, saved.Seconds, saved.Watch with { }, saved.Halves);

    public void BeginEpoch(int epoch) => (Epoch, StepOfEpoch, LossSum, Images, Seconds) = (epoch, 0, 0, 0, 0);
}
