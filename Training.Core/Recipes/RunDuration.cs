using System.Globalization;
using Training.Core.Backbones;
using Training.Core.Data;

namespace Training.Core.Recipes;

/// <summary>Roughly how long a run will take, before it starts.</summary>
public static class RunDuration
{
    // Process start, libtorch, loading the network and writing the run's files, on an ordinary disk.
    private const double StartSeconds = 4;

    // A linear layer on 512 features takes 29 ms for 8,000 images on two cores; predictions and weights are written besides.
    private const double HeadSecondsPerImage = 1e-5, HeadSecondsPerEpoch = 0.05;

    /// <summary>Seconds, when all epochs run. An unknown backbone counts as the built-in one.</summary>
    public static double Estimate(Recipe recipe, DatasetOutline dataset, MachineSpeed speed)
    {
        int train = dataset.TrainCount(recipe.ValFraction), val = dataset.ValCount(recipe.ValFraction);
        var spec = BackboneCatalog.All.FirstOrDefault(each => each.Name == recipe.Backbone) ?? BackboneCatalog.Get(BackboneCatalog.BuiltIn);
        var cost = BackboneCost.Relative(spec, recipe.ImageSize);
        // Decoding runs beside the network; on a machine without a GPU both share the cores, so the sum is the safe side.
        double decode = 1 / speed.Decode, forward = decode + cost / speed.Evaluate;
        if (recipe.Mode == TrainingMode.Transfer)
        {
            var views = recipe.Changes().IsNone ? 1 : Recipe.AugmentedViews;
            return StartSeconds + (views * train + val) * forward
                + recipe.Epochs * (HeadSecondsPerEpoch + (train + val) * HeadSecondsPerImage);
        }
        var probe = recipe is { Mode: TrainingMode.FineTune, HeadEpochs: > 0 }
            ? (train + val) * (forward + recipe.HeadEpochs * HeadSecondsPerImage) : 0;
        return StartSeconds + probe + recipe.Epochs * (train * (decode + cost / speed.Train) + val * forward);
    }

    /// <summary>For people, such as "about 4 min".</summary>
    public static string Words(double seconds)
    {
        var (text, values) = Phrase(seconds);
        return string.Format(CultureInfo.InvariantCulture, text, values);
    }

    /// <summary>The same as a text to translate and its numbers.</summary>
    public static (string Text, object[] Values) Phrase(double seconds) => seconds switch
    {
        < 8 => ("a few seconds", []),
        < 55 => ("about {0} s", [Rounded(seconds, 10)]),
        < 10 * 60 => ("about {0} min", [Rounded(seconds, 60) / 60]),
        < 57.5 * 60 => ("about {0} min", [Rounded(seconds, 5 * 60) / 60]),
        < 9.5 * 3600 when Rounded(seconds, 600) % 3600 / 60 is var minutes and > 0 =>
            ("about {0} h {1} min", [Rounded(seconds, 600) / 3600, minutes]),
        < 36 * 3600 => ("about {0} h", [Rounded(seconds, 3600) / 3600]),
        _ => ("about {0} days", [(long)Math.Round(Math.Min(seconds, 1e12) / 86_400)]),
    };

    private static long Rounded(double seconds, long unit) => Math.Max(1, (long)Math.Round(seconds / unit)) * unit;
}
