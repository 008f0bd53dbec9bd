namespace Training.Core.Data;

/// <summary>
/// A small random source that starts from numbers instead of a history: the draws for one sample in one epoch are the same whatever
/// thread makes them and however many were made before. Steele, Lea, Flood: "Fast splittable pseudorandom number generators" (2014).
/// By hand: System.Random has a history.
/// </summary>
public struct SplitMix64
{
    private const ulong Golden = 0x9E3779B97F4A7C15;
    private ulong _state;

    /// <summary>Every different triple gives an unrelated sequence.</summary>
    public SplitMix64(long seed, long stream = 0, long item = 0) =>
        _state = Mix(Mix(Mix((ulong)seed + Golden) + (ulong)stream * Golden) + (ulong)item * Golden);

    public ulong Next() => Mix(_state += Golden);

    /// <summary>Uniform in [0, 1), 53 bits.</summary>
    public double NextDouble() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Uniform in [<paramref name="low"/>, <paramref name="high"/>).</summary>
    public double Between(double low, double high) => low + (high - low) * NextDouble();

    /// <summary>Uniform in 0 … <paramref name="count"/> − 1.</summary>
    public int Below(int count) => (int)Math.BigMul(Next(), (ulong)count, out _);

    /// <summary>Fisher–Yates, in place.</summary>
    public void Shuffle<T>(Span<T> items)
    {
        for (var last = items.Length - 1; last > 0; last--)
        {
            var other = Below(last + 1);
            (items[last], items[other]) = (items[other], items[last]);
        }
    }

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
