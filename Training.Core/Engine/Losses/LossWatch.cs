namespace Training.Core.Engine.Losses;

/// <summary>
/// Notices a training loss that explodes without becoming infinite: plain data, so that a resumed training notices it at the same step.
/// A step or ten out of line, as at the start of a high rate or from a mislabelled batch, are no explosion.
/// </summary>
internal sealed record LossWatch
{
    /// <summary>The mean forgets half of a loss within 14 steps.</summary>
    private const double Decay = 0.95;

    private const int FewestSteps = 30;
    private const double Factor = 4;

    public int Steps { get; set; }

    /// <summary>Of the first step, before anything was learned.</summary>
    public double First { get; set; }

    /// <summary>Exponentially weighted sum; see <see cref="Mean"/>.</summary>
    public double Sum { get; set; }

    /// <summary>Of about the last twenty steps, without the pull of the empty start (Kingma and Ba 2015, section 3).</summary>
    public double Mean => Steps == 0 ? 0 : Sum / (1 - Math.Pow(Decay, Steps));

    /// <returns>Whether the mean is above four times of what guessing gives, and of what the network gave before training.</returns>
    public bool Explodes(double loss, int classes)
    {
        if (Steps++ == 0) First = loss;
        var limit = Factor * Math.Max(Math.Log(Math.Max(2, classes)), First);
        // One loss of a million is one step out of line too.
        Sum = Sum * Decay + Math.Min(loss, limit * 2) * (1 - Decay);
        return Steps >= FewestSteps && Mean > limit;
    }
}
