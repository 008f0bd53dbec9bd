using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Training.Core.Kernels;

/// <summary>
/// The largest number of each 3x3 window (stride 2, padding 1), or 0 where it is not positive: maximum pooling and ReLU at once. Which of
/// the window's numbers it is stands in a byte, where libtorch keeps eight and the images besides.
/// </summary>
/// <remarks>As in libtorch the first of equal numbers counts, and one that is no number is larger than any.</remarks>
internal static unsafe class MaxPoolKernel
{
    public const int Window = 3;
    public const int Stride = 2;

    /// <summary>The place of a number that is not positive: no place has it.</summary>
    private const byte Nowhere = Window * Window;

    /// <summary>Shape of the images, channels-last, and how many parts their rows are cut into.</summary>
    internal readonly record struct Plan(int Images, int Height, int Width, int Channels, int Parts)
    {
        public int OutHeight => (Height - 1) / Stride + 1;

        public int OutWidth => (Width - 1) / Stride + 1;

        /// <summary>Numbers in a row of the images.</summary>
        public long Row => (long)Width * Channels;

        public long OutRow => (long)OutWidth * Channels;
    }

    /// <param name="images">(images, height, width, channels), channels a multiple of 32.</param>
    /// <param name="pooled">The result: (images, out height, out width, channels).</param>
    /// <param name="places">The same shape in bytes: row of the window times 3 plus its column; null where no gradient is wanted.</param>
    public static void Pool<TNumbers>(Plan plan, byte* images, byte* pooled, byte* places) where TNumbers : struct, IPixelNumbers
    {
        var call = new Call { Plan = plan, Images = images, Pooled = pooled, Places = places };
        OpenMpTeam.Run(plan.Parts, places is null ? &PoolPart<TNumbers, Forgotten> : &PoolPart<TNumbers, Kept>, &call);
    }

    /// <summary>The gradient of the images from that of the result; sums of windows that overlap are rounded once.</summary>
    public static void Gradient<TNumbers>(Plan plan, byte* gradient, byte* places, byte* images) where TNumbers : struct, IPixelNumbers
    {
        var call = new Call { Plan = plan, Images = images, Pooled = gradient, Places = places };
        OpenMpTeam.Run(plan.Parts, &GradientPart<TNumbers>, &call);
    }

    private static void PoolPart<TNumbers, TPlaces>(void* state, int part) where TNumbers : struct, IPixelNumbers where TPlaces : struct
    {
        var call = *(Call*)state;
        var plan = call.Plan;
        var rows = (long)plan.Images * plan.OutHeight;
        for (var at = rows * part / plan.Parts; at < rows * (part + 1) / plan.Parts; at++)
        {
            var first = (int)(at % plan.OutHeight) * Stride - 1;
            var image = call.Images + at / plan.OutHeight * plan.Height * plan.Row * TNumbers.Size;
            for (var column = 0; column < plan.OutWidth; column++)
            {
                var to = at * plan.OutRow + (long)column * plan.Channels;
                for (var channel = 0; channel < plan.Channels; channel += Channels.Count)
                {
                    PoolWindow<TNumbers, TPlaces>(
                        plan, image + (long)channel * TNumbers.Size, first, column * Stride - 1,
                        call.Pooled + (to + channel) * TNumbers.Size, call.Places + to + channel);
                }
            }
        }
    }

    private static void PoolWindow<TNumbers, TPlaces>(Plan plan, byte* image, int row, int column, byte* pooled, byte* places)
        where TNumbers : struct, IPixelNumbers where TPlaces : struct
    {
        Vector256<float> a = default, b = default, c = default, d = default;
        var nowhere = Vector256.Create((int)Nowhere);
        Vector256<int> i = nowhere, j = nowhere, k = nowhere, l = nowhere;
        var lastRow = Math.Min(row + Window, plan.Height);
        var lastColumn = Math.Min(column + Window, plan.Width);
        for (var y = Math.Max(row, 0); y < lastRow; y++)
        {
            for (var x = Math.Max(column, 0); x < lastColumn; x++)
            {
                var numbers = TNumbers.Load(image + (y * plan.Row + (long)x * plan.Channels) * TNumbers.Size);
                var place = Vector256.Create((y - row) * Window + x - column);
                Take<TPlaces>(numbers.A, place, ref a, ref i);
                Take<TPlaces>(numbers.B, place, ref b, ref j);
                Take<TPlaces>(numbers.C, place, ref c, ref k);
                Take<TPlaces>(numbers.D, place, ref d, ref l);
            }
        }
        TNumbers.Store(new(a, b, c, d), pooled);
        if (typeof(TPlaces) == typeof(Kept))
            Vector256.Narrow(Vector256.Narrow(i, j).AsUInt16(), Vector256.Narrow(k, l).AsUInt16()).Store(places);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Take<TPlaces>(Vector256<float> numbers, Vector256<int> place, ref Vector256<float> largest, ref Vector256<int> places)
        where TPlaces : struct
    {
        var larger = Vector256.GreaterThan(numbers, largest) | ~Vector256.Equals(numbers, numbers);
        largest = Vector256.ConditionalSelect(larger, numbers, largest);
        if (typeof(TPlaces) == typeof(Kept)) places = Vector256.ConditionalSelect(larger.AsInt32(), place, places);
    }

    private static void GradientPart<TNumbers>(void* state, int part) where TNumbers : struct, IPixelNumbers
    {
        var call = *(Call*)state;
        var plan = call.Plan;
        var rows = (long)plan.Images * plan.Height;
        for (var at = rows * part / plan.Parts; at < rows * (part + 1) / plan.Parts; at++)
        {
            var row = (int)(at % plan.Height);
            var pooled = at / plan.Height * plan.OutHeight * plan.OutRow;
            for (var column = 0; column < plan.Width; column++)
            {
                var to = call.Images + (at * plan.Row + (long)column * plan.Channels) * TNumbers.Size;
                for (var channel = 0; channel < plan.Channels; channel += Channels.Count)
                {
                    GatherPixel<TNumbers>(
                        plan, call.Pooled + (pooled + channel) * TNumbers.Size, call.Places + pooled + channel, row, column,
                        to + (long)channel * TNumbers.Size);
                }
            }
        }
    }

    // A pixel lies in one, two or four windows: adding what each of them says of it writes it once.
    private static void GatherPixel<TNumbers>(Plan plan, byte* gradient, byte* places, int row, int column, byte* to)
        where TNumbers : struct, IPixelNumbers
    {
        Vector256<float> a = default, b = default, c = default, d = default;
        int lastRow = Math.Min((row + 1) / Stride, plan.OutHeight - 1), lastColumn = Math.Min((column + 1) / Stride, plan.OutWidth - 1);
        for (var y = row / Stride; y <= lastRow; y++)
        {
            for (var x = column / Stride; x <= lastColumn; x++)
            {
                var at = y * plan.OutRow + (long)x * plan.Channels;
                var numbers = TNumbers.Load(gradient + at * TNumbers.Size);
                var place = (byte)((row - y * Stride + 1) * Window + column - x * Stride + 1);
                var here = Vector256.Equals(Vector256.Load(places + at), Vector256.Create(place)).AsSByte();
                var (lower, upper) = Vector256.Widen(here);
                var (i, j) = Vector256.Widen(lower);
                var (k, l) = Vector256.Widen(upper);
                (a, b) = (a + (numbers.A & i.AsSingle()), b + (numbers.B & j.AsSingle()));
                (c, d) = (c + (numbers.C & k.AsSingle()), d + (numbers.D & l.AsSingle()));
            }
        }
        TNumbers.Store(new(a, b, c, d), to);
    }

    private struct Call
    {
        public Plan Plan;
        public byte* Images, Pooled, Places;
    }

    private readonly struct Kept;

    private readonly struct Forgotten;
}
