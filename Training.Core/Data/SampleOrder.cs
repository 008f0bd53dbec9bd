namespace Training.Core.Data;

/// <summary>In which order an epoch goes through the samples: determined by seed and epoch.</summary>
internal static class SampleOrder
{
    /// <summary>No sample's id: its draws have nothing to do with the order.</summary>
    private const int Stream = -1;

    /// <summary>
    /// Positions in the list: each once; with balanced sampling as many, but every class as often as the others, small ones repeated and
    /// large ones cut, other images of them each epoch.
    /// </summary>
    public static int[] Of(IReadOnlyList<Sample> samples, ClassBalanceKind balance, int seed, int epoch)
    {
        var random = new SplitMix64(seed, epoch, Stream);
        int[] order = [.. Enumerable.Range(0, samples.Count)];
        random.Shuffle<int>(order);
        if (balance != ClassBalanceKind.Sampling) return order;
        var classes = order.GroupBy(index => samples[index].Label).OrderBy(group => group.Key).Select(group => group.ToArray()).ToList();
        for (var place = 0; place < order.Length; place++)
        {
            var members = classes[place % classes.Count];
            order[place] = members[place / classes.Count % members.Length];
        }
        random.Shuffle<int>(order);
        return order;
    }
}

/// <summary>
/// What is done where classes have very different numbers of images: nothing, a loss weighted by the inverse of the number, or every class
/// drawn as often as the others.
/// </summary>
public enum ClassBalanceKind { None, Weights, Sampling }
