using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Training.Core.Devices.Kernels;

/// <summary>
/// The passes of a batch normalisation (Ioffe and Szegedy 2015) over pixels, channels-last, with what comes after it: a shortcut that is
/// added, and ReLU. By hand: libtorch takes a pass for each, forward and back, and a pass is as slow as memory.
/// </summary>
/// <remarks>Computed in float32, sums over many pixels in float64, rounded once.</remarks>
internal static unsafe class NormKernel
{
    /// <summary>Whether this processor and this libtorch can do it.</summary>
    public static bool IsSupported => Avx2.IsSupported && Fma.IsSupported && OpenMpTeam.IsAvailable;

    /// <summary>Sums of so many pixels are float32.</summary>
    private const int BlockPixels = 64;

    private const long FewChannels = 256;

    /// <summary>The images' pixels, their channels (a multiple of 32), and in how many parts the work is done.</summary>
    internal readonly record struct Plan(long Pixels, int Channels, int Parts)
    {
        /// <summary>Float64 numbers that <see cref="Moments"/> and <see cref="Sums"/> work in.</summary>
        public long Workspace => 2L * Channels * Parts;

        /// <summary>
        /// Numbers of the pixels that a channel's sums take up before they go back to memory: with few channels those of several pixels,
        /// else a sum waits for its own store.
        /// </summary>
        public long Together => Math.Max(FewChannels, Channels) / Channels * Channels;

        private long Blocks => (Pixels + BlockPixels - 1) / BlockPixels;

        /// <summary>The part's first block of pixels.</summary>
        public long First(int part) => Blocks * part / Parts;

        public long Last(int part) => First(part + 1) - 1;

        /// <summary>The place of a block's first number.</summary>
        public long At(long block) => Math.Min(block * BlockPixels, Pixels) * Channels;
    }

    /// <summary>
    /// Where the tensors of a call lie; those that it doesn't need are null. Images are (pixels, channels), everything else is (channels).
    /// </summary>
    internal struct Call
    {
        public Plan Plan;

        /// <summary>What is normalised.</summary>
        public byte* Images;

        /// <summary>Added to what is normalised.</summary>
        public byte* Shortcut;

        /// <summary>Of <see cref="Apply"/>; afterwards what tells where ReLU let through.</summary>
        public byte* Result;

        /// <summary>Negative results are 0, and their gradient too.</summary>
        public bool Relu;

        /// <summary>What each pass does with them stands there.</summary>
        public float* Scale, Shift, Mean, Slope;

        public byte* ResultGradient, ShortcutGradient, ImagesGradient;

        /// <summary>Two numbers a channel: of each part, and in the first part's place of all.</summary>
        public double* Sums;
    }

    /// <summary>Sums of the images' differences from <see cref="Call.Mean"/> (any guess near the mean), and of their squares.</summary>
    public static void Moments<TNumbers>(Call call) where TNumbers : struct, IPixelNumbers
    {
        OpenMpTeam.Run(call.Plan.Parts, &MomentsPart<TNumbers>, &call);
        AddParts(call);
    }

    /// <summary>Result = images · <see cref="Call.Scale"/> + <see cref="Call.Shift"/> + shortcut.</summary>
    public static void Apply<TNumbers>(Call call) where TNumbers : struct, IPixelNumbers =>
        OpenMpTeam.Run(call.Plan.Parts, &ApplyPart<TNumbers>, &call);

    /// <summary>
    /// Sums of the gradient where ReLU lets it through, and of its products with the images' differences from <see cref="Call.Mean"/>.
    /// That gradient becomes the shortcut's, and times <see cref="Call.Scale"/> the images', where these are wanted.
    /// </summary>
    public static void Sums<TNumbers>(Call call) where TNumbers : struct, IPixelNumbers
    {
        OpenMpTeam.Run(call.Plan.Parts, &SumsPart<TNumbers>, &call);
        AddParts(call);
    }

    /// <summary>
    /// The images' gradient = <see cref="Call.Scale"/> · (gradient - <see cref="Call.Shift"/> - (images - <see cref="Call.Mean"/>) ·
    /// <see cref="Call.Slope"/>), the gradient taken where ReLU lets it through.
    /// </summary>
    public static void Gradient<TNumbers>(Call call) where TNumbers : struct, IPixelNumbers =>
        OpenMpTeam.Run(call.Plan.Parts, &GradientPart<TNumbers>, &call);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void MomentsPart<TNumbers>(void* state, int part) where TNumbers : struct, IPixelNumbers
    {
        var call = *(Call*)state;
        var sums = stackalloc float[2 * call.Plan.Channels];
        var squares = sums + call.Plan.Channels;
        for (var block = call.Plan.First(part); block <= call.Plan.Last(part); block++)
        {
            for (long from = call.Plan.At(block), end = call.Plan.At(block + 1), next; from < end; from = next)
            {
                next = Math.Min(from + call.Plan.Together, end);
                for (var c = 0; c < call.Plan.Channels; c += Channels.Count)
                {
                    var mean = Float32Numbers.Load(call.Mean + c);
                    var (sum, square) = (Float32Numbers.Load(sums + c), Float32Numbers.Load(squares + c));
                    for (var at = from + c; at < next; at += call.Plan.Channels)
                    {
                        var difference = TNumbers.Load(call.Images + at * TNumbers.Size) - mean;
                        sum += difference;
                        square = Channels.MultiplyAdd(difference, difference, square);
                    }
                    Float32Numbers.Store(sum, sums + c);
                    Float32Numbers.Store(square, squares + c);
                }
            }
            Flush(call, part, sums);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ApplyPart<TNumbers>(void* state, int part) where TNumbers : struct, IPixelNumbers
    {
        var call = *(Call*)state;
        for (long at = call.Plan.At(call.Plan.First(part)), end = call.Plan.At(call.Plan.Last(part) + 1); at < end;)
        {
            for (var c = 0; c < call.Plan.Channels; c += Channels.Count, at += Channels.Count)
            {
                var numbers = Channels.MultiplyAdd(TNumbers.Load(call.Images + at * TNumbers.Size), Float32Numbers.Load(call.Scale + c),
                    Float32Numbers.Load(call.Shift + c));
                if (call.Shortcut != null) numbers += TNumbers.Load(call.Shortcut + at * TNumbers.Size);
                if (call.Relu) numbers = numbers.Relu();
                TNumbers.Store(numbers, call.Result + at * TNumbers.Size);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void SumsPart<TNumbers>(void* state, int part) where TNumbers : struct, IPixelNumbers
    {
        var call = *(Call*)state;
        var sums = stackalloc float[2 * call.Plan.Channels];
        var products = sums + call.Plan.Channels;
        for (var block = call.Plan.First(part); block <= call.Plan.Last(part); block++)
        {
            for (long from = call.Plan.At(block), end = call.Plan.At(block + 1), next; from < end; from = next)
            {
                next = Math.Min(from + call.Plan.Together, end);
                for (var c = 0; c < call.Plan.Channels; c += Channels.Count)
                {
                    var mean = Float32Numbers.Load(call.Mean + c);
                    var (sum, product) = (Float32Numbers.Load(sums + c), Float32Numbers.Load(products + c));
                    for (var at = from + c; at < next; at += call.Plan.Channels)
                    {
                        var gradient = Through<TNumbers>(call, at);
                        sum += gradient;
                        product = Channels.MultiplyAdd(gradient, TNumbers.Load(call.Images + at * TNumbers.Size) - mean, product);
                        if (call.ShortcutGradient != null) TNumbers.Store(gradient, call.ShortcutGradient + at * TNumbers.Size);
                        if (call.ImagesGradient != null)
                            TNumbers.Store(gradient * Float32Numbers.Load(call.Scale + c), call.ImagesGradient + at * TNumbers.Size);
                    }
                    Float32Numbers.Store(sum, sums + c);
                    Float32Numbers.Store(product, products + c);
                }
            }
            Flush(call, part, sums);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void GradientPart<TNumbers>(void* state, int part) where TNumbers : struct, IPixelNumbers
    {
        var call = *(Call*)state;
        for (long at = call.Plan.At(call.Plan.First(part)), end = call.Plan.At(call.Plan.Last(part) + 1); at < end;)
        {
            for (var c = 0; c < call.Plan.Channels; c += Channels.Count, at += Channels.Count)
            {
                var difference = TNumbers.Load(call.Images + at * TNumbers.Size) - Float32Numbers.Load(call.Mean + c);
                var gradient = Through<TNumbers>(call,
                    at) - Float32Numbers.Load(call.Shift + c) - difference * Float32Numbers.Load(call.Slope + c);
                TNumbers.Store(gradient * Float32Numbers.Load(call.Scale + c), call.ImagesGradient + at * TNumbers.Size);
            }
        }
    }

    /// <summary>The result's gradient where ReLU lets it through.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Channels Through<TNumbers>(in Call call, long at) where TNumbers : struct, IPixelNumbers
    {
        var gradient = TNumbers.Load(call.ResultGradient + at * TNumbers.Size);
        return call.Relu ? gradient.WherePositive(TNumbers.Load(call.Result + at * TNumbers.Size)) : gradient;
    }

    /// <summary>Adds a block's sums to the part's, and empties them.</summary>
    private static void Flush(in Call call, int part, float* sums)
    {
        var numbers = 2 * call.Plan.Channels;
        var to = call.Sums + (long)numbers * part;
        for (var i = 0; i < numbers; i += Channels.Count)
        {
            Float32Numbers.Load(sums + i).AddTo(to + i);
            Float32Numbers.Store(default, sums + i);
        }
    }

    private static void AddParts(Call call)
    {
        var numbers = 2L * call.Plan.Channels;
        for (var part = 1; part < call.Plan.Parts; part++)
        {
            for (var i = 0L; i < numbers; i++) call.Sums[i] += call.Sums[part * numbers + i];
        }
    }
}
